import { z } from 'zod';
import { jsonValue } from '../json.js';
import { connectionType } from '../registry/connection.js';
import { defineStream, entries, single } from './stream-definition.js';

/** The state of the registry itself. */
export const registryService = z.object({
  state: z.enum(['initializing', 'serving', 'draining']),
  frozen: z.boolean(),
  /** Senders seal credentials with it: an X25519 key, base64url of its SPKI form. */
  public_key: z.string(),
  /** Why it is frozen: the configuration file, and what it says. */
  frozen_because: z.string().exactOptional(),
});
export type RegistryService = z.infer<typeof registryService>;

/** Grows with each change of the resource or of its contents; the ETag. */
const version = z.int().min(1);

export const projectEntry = z.object({ name: z.string(), location: z.string(), readme: z.string(), version });
export type ProjectEntry = z.infer<typeof projectEntry>;

/** `config` as it is shown. */
export const connectionEntry = z.object({
  project: z.string(),
  name: z.string(),
  type: connectionType,
  config: z.record(z.string(), jsonValue),
  /** It comes from the configuration file. */
  is_configured: z.boolean().default(false),
  version,
});
export type ConnectionEntry = z.infer<typeof connectionEntry>;

export const packageEntry = z.object({
  project: z.string(),
  name: z.string(),
  location: z.string().exactOptional(),
  description: z.string().exactOptional(),
  readme: z.string().exactOptional(),
  version,
});
export type PackageEntry = z.infer<typeof packageEntry>;

/** What could not be loaded: the file, a project, a package or a connection. */
export const loadErrorEntry = z.object({
  project: z.string().exactOptional(),
  package: z.string().exactOptional(),
  connection: z.string().exactOptional(),
  message: z.string(),
  /** Unix ms. */
  at: z.int(),
});
export type LoadErrorEntry = z.infer<typeof loadErrorEntry>;

/** There is one error a subject: a failure replaces the one before it. */
function pathOfLoadError({ project, package: pkg, connection }: Omit<LoadErrorEntry, 'at' | 'message'>): string {
  if (project === undefined) return '';
  if (pkg !== undefined) return `${project}/package/${pkg}`;
  return connection === undefined ? project : `${project}/connection/${connection}`;
}

/** What the registry publishes. No value has a field for a credential: see `splitConnection`. */
export const registryStream = defineStream({
  name: 'registry',
  entries: {
    service: single('service', registryService),
    project: entries('project', projectEntry),
    connection: entries('connection', connectionEntry, (project: string, name: string) => `${project}/${name}`),
    package: entries('package', packageEntry, (project: string, name: string) => `${project}/${name}`),
    loadError: entries('load-error', loadErrorEntry, pathOfLoadError),
  },
});
