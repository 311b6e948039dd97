import { exchanges, heartbeat, type Heartbeat } from '@signalbox/contracts/messages';

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
