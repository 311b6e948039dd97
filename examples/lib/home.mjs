import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** The folder in which `npm start` keeps everything of one run. */
export const home = process.env.SIGNALBOX_HOME ? resolve(process.env.SIGNALBOX_HOME) : resolve(checkout, '.signalbox');
