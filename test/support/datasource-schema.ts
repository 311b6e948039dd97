import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const file = new URL('../contracts/datasource.schema.json', import.meta.url);
const ajv = addFormats.default(new Ajv2020({ strict: false }));
ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, 'datasource');

/** What the clients of the document accept. */
export const isAccepted = ajv.getSchema('datasource')!;
/** What is answered, where `event_lag` is known. */
export const isProduced = ajv.getSchema('datasource#/$defs/producer')!;
