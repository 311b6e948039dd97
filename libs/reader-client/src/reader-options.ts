import { exchanges, heartbeat, type Heartbeat } from '@signalbox/contracts/messages';
import type { Log } from './log-line.js';

/** The description of a reader in each heartbeat. The bounds are those of the heartbeat schema (`docs/messages.md`). */
export interface ReaderIdentity {
  /** 1 to 200 of `A-Z a-z 0-9 . _ : / -`. */
  reader_id: string;
  /** Default: the reader id. */
  consumer_name?: string;
  consumer_groups: string[];
  model_name: string;
  model_type: string;
  device: string;
  /** The processes that serve the model; default: this one. */
  pids?: number[];
  /** Seconds between two heartbeats, a whole number; default 10. */
  heartbeat_wait_interval?: number;
  backend?: string;
  /** Configuration to show; members that look like credentials are refused. */
  config?: Record<string, unknown>;
}

export interface ReaderOptions extends ReaderIdentity {
  /** `amqp://user:password@host:port/vhost`, or `amqps:`. Never logged. */
  url: string;
  /** Default: `signalbox.heartbeats`. */
  exchange?: string;
  /** Called on the thread that started the reader. */
  log?: Log;
}

/** What may change while a reader runs. */
export type ReaderChange = Partial<Omit<ReaderIdentity, 'reader_id'>>;

/** The members of a heartbeat that are the same in each heartbeat until they are updated. */
export type Identity = Omit<Heartbeat, 'state' | 'boot_id' | 'seq' | 'sent_at'>;

const identitySchema = heartbeat.omit({ state: true, boot_id: true, seq: true, sent_at: true });

/**
 * Returns a copy of the identity with its defaults, in its JSON form.
 * @throws TypeError that names each invalid member by its path.
 */
export function checkedIdentity(given: Partial<Identity>): Identity {
  const result = identitySchema.safeParse({
    ...given,
    consumer_name: given.consumer_name ?? given.reader_id,
    pids: given.pids ?? [process.pid],
    heartbeat_wait_interval: given.heartbeat_wait_interval ?? 10,
  });
  if (result.success) return JSON.parse(JSON.stringify(result.data)) as Identity;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new TypeError(`The reader's options are not valid: ${problems.join('; ')}`);
}

/**
 * Returns the URL with a short AMQP heartbeat, which detects a silent broker within seconds.
 * @throws TypeError without quoting the URL, which holds a password.
 */
export function checkedUrl(url: string): string {
  if (!URL.canParse(url))
    throw new TypeError("The reader's options are not valid: url: must be an amqp:// or amqps:// URL");
  const parsed = new URL(url);
  if (!/^amqps?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new TypeError("The reader's options are not valid: url: must be an amqp:// or amqps:// URL with a host");
  }
  parsed.searchParams.set('heartbeat', '5');
  return parsed.href;
}

export const defaultExchange: string = exchanges.heartbeats.name;
