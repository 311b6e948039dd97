import { z } from 'zod';
import { askedBy } from '../dataplane/asked-by.js';
import { connectionEntry, packageEntry, projectEntry } from '../streams/registry-stream.js';
import { sealedMembers } from './sealed-request.js';

/** What the registry can be asked for, all with `registryRequest` as their body. */
export const registryRequestTypes = {
  putProject: 'registry.put-project',
  patchProject: 'registry.patch-project',
  deleteProject: 'registry.delete-project',
  reloadProject: 'registry.reload-project',
  createConnection: 'registry.create-connection',
  patchConnection: 'registry.patch-connection',
  deleteConnection: 'registry.delete-connection',
  testConnection: 'registry.test-connection',
  putPackage: 'registry.put-package',
  patchPackage: 'registry.patch-package',
  reloadPackage: 'registry.reload-package',
  deletePackage: 'registry.delete-package',
} as const;
export type RegistryRequestType = (typeof registryRequestTypes)[keyof typeof registryRequestTypes];

export const registryRequest = z.strictObject({
  by: askedBy,
  /** As it stood in the path; its form is judged by the registry. */
  project: z.string().max(2_000).exactOptional(),
  name: z.string().max(2_000).exactOptional(),
  /** The version that `If-Match` demands, or none that it could be. */
  if_match: z.array(z.int()).exactOptional(),
  ...sealedMembers,
});
export type RegistryRequest = z.infer<typeof registryRequest>;

export const projectTree = z.object({
  project: projectEntry,
  connections: z.array(connectionEntry),
  packages: z.array(packageEntry),
});
export type ProjectTree = z.infer<typeof projectTree>;

export const droppedCredentials = z.object({
  /** Its name. */
  connection: z.string(),
  /** By their place, for example `postgresConnection.password`. */
  members: z.array(z.string()),
});
export type DroppedCredentials = z.infer<typeof droppedCredentials>;

/** How a mutation is answered: where the stream shows it, and what there is now, or was before it was deleted. */
export const registryReply = z.object({
  /** Null where nothing was changed. */
  seq: z.int().nullable(),
  tree: projectTree.exactOptional(),
  connection: connectionEntry.exactOptional(),
  package: packageEntry.exactOptional(),
  /** Stored credentials that were dropped, because the target changed for which they had been given. */
  credentials_dropped: z.array(droppedCredentials).exactOptional(),
});
export type RegistryReply = z.infer<typeof registryReply>;

export const connectionTestReply = z.object({ status: z.enum(['ok', 'failed']), errorMessage: z.string() });
export type ConnectionTestReply = z.infer<typeof connectionTestReply>;

/**
 * Why nothing can be changed while the configuration is frozen, for people.
 * @param because the file and what it says; undefined: a registry of the release before did not report it
 */
export const frozenMessage = (because = 'the configuration file says so (frozenConfig), or cannot be read'): string =>
  `The configuration is frozen: ${because}. Nothing can be changed until that is fixed and the registry has been started again.`;

/** Why the registry refuses: the code of its answer. */
export type RegistryRefusal =
  | 'frozen'
  | 'initializing'
  | 'draining'
  | 'bad_name'
  | 'bad_request'
  | 'invalid_value'
  | 'not_found'
  | 'duplicate'
  | 'stale_version'
  | 'quota_exceeded'
  /** It cannot be done now, and nothing was changed. */
  | 'unavailable'
  /** As many connections are tested, or packages loaded, as may be at once, in all or for this caller. Nothing was changed. */
  | 'busy';

/** After so many seconds what was refused as `busy` may be sent again. */
export const BUSY_RETRY_SECONDS = 5;
