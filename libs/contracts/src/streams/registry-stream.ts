import { z } from 'zod';
import { connectionType } from '../registry/connection.js';

/** What the `registry` stream says. Nothing in it has a field for a credential: see `splitConnection`. */

/** Under `service`: how the registry itself is. */
export const registryService = z.object({
  state: z.enum(['initializing', 'serving', 'draining']),
  frozen: z.boolean(),
  /** What whoever sends it credentials seals them with: an X25519 key, base64url of its SPKI form. */
  public_key: z.string(),
});
export type RegistryService = z.infer<typeof registryService>;

/** Grows with each change of the resource or of what stands in it; its ETag. */
const version = z.int().min(1);

/** Under `project/<name>`. */
export const projectEntry = z.object({ name: z.string(), location: z.string(), readme: z.string(), version });
export type ProjectEntry = z.infer<typeof projectEntry>;

/** Under `connection/<project>/<name>`; `config` as it is shown. */
export const connectionEntry = z.object({
  project: z.string(),
  name: z.string(),
  type: connectionType,
  config: z.record(z.string(), z.json()),
  version,
});
export type ConnectionEntry = z.infer<typeof connectionEntry>;

/** Under `package/<project>/<name>`. */
export const packageEntry = z.object({
  project: z.string(),
  name: z.string(),
  location: z.string().exactOptional(),
  description: z.string().exactOptional(),
  readme: z.string().exactOptional(),
  version,
});
export type PackageEntry = z.infer<typeof packageEntry>;

/** Under `load-error/<project>/<package or connection>/<name>` and the like: what could not be loaded. */
export const loadErrorEntry = z.object({
  project: z.string().exactOptional(),
  package: z.string().exactOptional(),
  connection: z.string().exactOptional(),
  message: z.string(),
  /** Unix ms. */
  at: z.int(),
});
export type LoadErrorEntry = z.infer<typeof loadErrorEntry>;

export const SERVICE_KEY = 'service';
export const projectKey = (name: string): string => `project/${name}`;
export const connectionKey = (project: string, name: string): string => `connection/${project}/${name}`;
export const packageKey = (project: string, name: string): string => `package/${project}/${name}`;

/** The kind of a key of the registry's stream: what is before its first slash. */
export const kindOfKey = (key: string): string => key.split('/', 1)[0] ?? '';
