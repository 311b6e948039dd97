import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of `npm start`: keys, ports, process ids, logs and data. */
export const home = process.env.SIGNALBOX_HOME ? resolve(process.env.SIGNALBOX_HOME) : resolve(checkout, '.signalbox');
