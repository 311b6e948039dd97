import { exchanges, heartbeat, readerId, type Heartbeat } from '@signalbox/contracts/messages';
import { checkedSource, type UrlSource } from './broker-url.js';
import { optionError } from './option-error.js';
import type { BrokerOptions, ReaderIdentity } from './reader-options.js';

/** The members of a heartbeat that are the same in each heartbeat until they are updated. */
export type Identity = Omit<Heartbeat, 'state' | 'boot_id' | 'seq' | 'sent_at'>;

const identitySchema = heartbeat.omit({ state: true, boot_id: true, seq: true, sent_at: true });

/**
 * Returns a copy of the identity with its defaults, in its JSON form.
 * @throws TypeError that names each invalid member by its path.
 */
export function checkedIdentity(given: Partial<ReaderIdentity>): Identity {
  const result = identitySchema.safeParse({
    ...given,
    consumer_name: given.consumer_name ?? given.reader_id,
    pids: given.pids ?? [process.pid],
    heartbeat_wait_interval: given.heartbeat_wait_interval ?? 10,
  });
  if (result.success) return JSON.parse(JSON.stringify(result.data)) as Identity;
  throw optionError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

/** Where the messages of a host go. */
export interface Destination {
  readonly source: UrlSource;
  readonly exchange: string;
  /** Null: the id of the first reader. */
  readonly routingKey: string | null;
}

/** @throws TypeError that names each invalid option. */
export function checkedDestination({
  url,
  urlFile,
  exchange = exchanges.heartbeats.name,
  routingKey,
}: BrokerOptions & { readonly routingKey?: string }): Destination {
  if (exchange === '') throw optionError(['exchange: must not be empty']);
  // What the broker believes about a key it decides as for the id of a reader.
  if (routingKey !== undefined && !readerId.safeParse(routingKey).success)
    throw optionError(['routingKey: must be 1 to 200 of A-Z a-z 0-9 . _ : / -']);
  return { source: checkedSource({ url, urlFile }), exchange, routingKey: routingKey ?? null };
}
