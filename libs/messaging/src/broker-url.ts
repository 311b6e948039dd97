import { brokerUrlsOf } from '@signalbox/platform';

/** The user that a URL logs in as; amqplib's own default where it names none. */
export function userOf(url: string): string {
  const [first] = brokerUrlsOf(url) ?? [];
  if (first === undefined) return '';
  const { username } = new URL(first);
  return username === '' ? 'guest' : decodeURIComponent(username);
}

/** The virtual host that a URL connects to; the broker's default one where it names none. */
export function vhostOf(url: string): string {
  const [first] = brokerUrlsOf(url) ?? [];
  const name = first === undefined ? '' : new URL(first).pathname.slice(1);
  return name === '' ? '/' : decodeURIComponent(name);
}

/** The host and port of a URL: what of it may be shown. */
export const hostOf = (url: string): string => new URL(url).host;

/**
 * The URL of each host of the broker, with our heartbeat in it.
 * @throws Error naming what is wrong without quoting the URL, which holds a password
 */
export function brokerUrls(url: string, heartbeatSeconds: number): readonly string[] {
  const urls = brokerUrlsOf(url);
  if (urls === undefined)
    throw new Error(
      'the broker URL must start with amqp:// or amqps://; several hosts have one user and one virtual host',
    );
  return urls.map((each) => {
    const parsed = new URL(each);
    parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
    return parsed.href;
  });
}
