import { z } from 'zod';

/** Text that Postgres stores as it is: it has no form for NUL, and UTF-8 none for halves of surrogate pairs. */
const storable = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\0\p{Cs}]*$/u, 'must not contain NUL or broken Unicode');

const metadata = z
  .record(storable({ min: 1, max: 40 }), storable({ min: 0, max: 500 }))
  .refine((entries) => Object.keys(entries).length <= 50, 'at most 50 entries');

/** Names that Postgres takes without truncating them. */
const identifier = storable({ min: 1, max: 63 }).refine(
  (name) => Buffer.byteLength(name) <= 63,
  'must have 63 bytes at most in UTF-8',
);

const signingKey = storable({ min: 1, max: 512 });

/** Registers a database. Credentials are in the connection string only. */
export const directBody = z.strictObject({
  connection: z.literal('direct').exactOptional(),
  connectionString: z
    .string()
    .min(1)
    .max(4_096)
    .meta({ description: 'postgres://user:password@host:port/database?sslmode=verify-full' }),
  schema: identifier.exactOptional().meta({ description: 'Default: public.' }),
  publication: identifier.exactOptional().meta({ description: 'Default: signalbox_publication.' }),
  caCertificate: z
    .string()
    .max(65_536)
    .exactOptional()
    .meta({ description: 'PEM; the certificate authorities that are trusted besides the usual ones.' }),
  metadata: metadata.exactOptional(),
});
export type DirectBody = z.infer<typeof directBody>;

/** Registers a signed endpoint. */
export const endpointBody = z.strictObject({
  connection: z.literal('endpoint').exactOptional(),
  endpoint: z.string().min(1).max(2_048),
  signingKey,
  environment: z.enum(['test', 'live']).exactOptional().meta({ description: 'Default: the mode of the API key.' }),
  metadata: metadata.exactOptional(),
});
export type EndpointBody = z.infer<typeof endpointBody>;

/** `POST /v1/datasources`. */
export const registerDatasourceBody = z.union([directBody, endpointBody]);

export const patchDatasourceBody = z.strictObject({
  metadata: metadata.exactOptional(),
  paused: z.boolean().exactOptional(),
});
export type PatchDatasourceBody = z.infer<typeof patchDatasourceBody>;

export const rotateSigningKeyBody = z.strictObject({ signingKey });
export type RotateSigningKeyBody = z.infer<typeof rotateSigningKeyBody>;
