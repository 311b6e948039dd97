/** The user that a URL logs in as; amqplib's own default where it names none. */
export function userOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { username } = new URL(url);
  return username === '' ? 'guest' : decodeURIComponent(username);
}

/** The virtual host that a URL connects to; the broker's default one where it names none. */
export function vhostOf(url: string): string {
  const name = URL.canParse(url) ? new URL(url).pathname.slice(1) : '';
  return name === '' ? '/' : decodeURIComponent(name);
}

/**
 * The broker's URL with our heartbeat in it.
 * @throws Error naming what is wrong without quoting the URL, which holds a password
 */
export function brokerUrl(url: string, heartbeatSeconds: number): string {
  if (!URL.canParse(url)) throw new Error('the broker URL is not a URL');
  const parsed = new URL(url);
  if (parsed.protocol !== 'amqp:' && parsed.protocol !== 'amqps:')
    throw new Error('the broker URL must start with amqp:// or amqps://');
  parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
  return parsed.href;
}
