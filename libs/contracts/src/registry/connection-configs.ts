import { z } from 'zod';
import { text } from '../text.js';
import { attachedName } from './resource-name.js';

/**
 * The settings of each type of connection, with the names of its document. A member that is not listed is refused. Blank texts are allowed
 * here because forms send them; they count as not given and are removed before anything is stored or used (`withoutBlanks`).
 */

const line = () => text({ min: 0, max: 1_000 }).optional();
/** Keys and documents have line breaks; no other control characters. */
const secret = () =>
  z
    .string()
    .max(20_000)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\r\n\t])*$/u, 'must not contain control characters')
    .optional();
/** Forms send a number as its digits. */
const wholeNumber = (max: number) => {
  const error = `must be a whole number from 1 to ${max}`;
  const number = z.int(error).min(1, error).max(max, error);
  const typed = z
    .string()
    .regex(/^(\d{1,10}|\s*)$/, error)
    .transform(Number)
    .pipe(number);
  return z.union([number, typed], error).optional();
};
const tcpPort = () => wholeNumber(65_535);
/** A whole number that the document writes as text. */
const digits = () =>
  z
    .string()
    .regex(/^(\d{1,19}|\s*)$/, 'must be a whole number, as text')
    .optional();

export const postgresConfig = z.strictObject({
  host: line(),
  port: tcpPort(),
  databaseName: line(),
  userName: line(),
  password: secret(),
  connectionString: text({ min: 0, max: 4_000 }).optional(),
});

export const mysqlConfig = z.strictObject({
  host: line(),
  port: tcpPort(),
  database: line(),
  user: line(),
  password: secret(),
});

export const bigqueryConfig = z.strictObject({
  defaultProjectId: line(),
  billingProjectId: line(),
  location: line(),
  serviceAccountKeyJson: secret(),
  maximumBytesBilled: digits(),
  queryTimeoutMilliseconds: digits(),
});

export const snowflakeConfig = z.strictObject({
  account: line(),
  username: line(),
  password: secret(),
  privateKey: secret(),
  privateKeyPass: secret(),
  warehouse: line(),
  database: line(),
  schema: line(),
  role: line(),
  responseTimeoutMilliseconds: wholeNumber(86_400_000),
});

export const trinoConfig = z.strictObject({
  server: line(),
  port: tcpPort(),
  catalog: line(),
  schema: line(),
  user: line(),
  password: secret(),
  peakaKey: secret(),
});

export const motherduckConfig = z.strictObject({ accessToken: secret(), database: line() });

export const gcsConfig = z.strictObject({ keyId: text({ max: 1_000 }), secret: secret() });

export const s3Config = z.strictObject({
  accessKeyId: text({ max: 1_000 }),
  secretAccessKey: secret(),
  region: line().default('us-east-1'),
  endpoint: line(),
  sessionToken: secret(),
});

/** Clients that send back what they read send it too. It is set by the registry. */
const attributes = z.looseObject({}).optional();

export const attachedDatabase = z.discriminatedUnion('type', [
  z.strictObject({ name: attachedName, attributes, type: z.literal('postgres'), postgresConnection: postgresConfig }),
  z.strictObject({ name: attachedName, attributes, type: z.literal('bigquery'), bigqueryConnection: bigqueryConfig }),
  z.strictObject({
    name: attachedName,
    attributes,
    type: z.literal('snowflake'),
    snowflakeConnection: snowflakeConfig,
  }),
  z.strictObject({ name: attachedName, attributes, type: z.literal('gcs'), gcsConnection: gcsConfig }),
  z.strictObject({ name: attachedName, attributes, type: z.literal('s3'), s3Connection: s3Config }),
]);

export const duckdbConfig = z.strictObject({
  attachedDatabases: z
    .array(attachedDatabase)
    .min(1, 'must not be empty: leave it out to attach nothing')
    .max(100)
    .optional(),
});
