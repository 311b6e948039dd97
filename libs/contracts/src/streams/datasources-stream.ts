import { z } from 'zod';
import { datasourceEntry } from '../datasource/datasource-state.js';
import { defineStream, entries, single } from './stream-definition.js';

/** What senders must know of datasource-sync itself. */
export const datasourceService = z.object({
  /** Senders seal credentials with it: an X25519 key, base64url. */
  public_key: z.string(),
});
export type DatasourceService = z.infer<typeof datasourceService>;

/** What datasource-sync publishes. No value has a field for a credential. */
export const datasourcesStream = defineStream({
  name: 'datasources',
  entries: {
    service: single('service', datasourceService),
    datasource: entries('datasource', datasourceEntry),
  },
});
