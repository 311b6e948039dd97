/** Whole URLs stand apart by commas too: what follows such a comma begins with a protocol. */
const BETWEEN_URLS = /,(?=amqps?:\/\/)/;
/** Protocol with credentials, in which a comma separates nothing; hosts; the rest. */
const PARTS = /^(amqps?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s;

/**
 * The URL of each host of a broker: `amqp://user:password@a:5672,b:5672/vhost` names two, and so do two whole URLs with a comma between
 * them. All have one user and one virtual host.
 * @returns undefined where the text is nothing of that kind
 */
export function brokerUrlsOf(text: string): readonly [string, ...string[]] | undefined {
  const [first, ...others] = text.split(BETWEEN_URLS).flatMap(urlsOfHosts);
  if (first === undefined) return undefined;
  return [first, ...others].every((url) => isLike(url, first)) ? [first, ...others] : undefined;
}

function urlsOfHosts(url: string): string[] {
  const [, before = '', hosts = '', after = ''] = PARTS.exec(url) ?? [];
  return hosts.split(',').map((host) => before + host.trim() + after);
}

function isLike(text: string, other: string): boolean {
  if (!URL.canParse(text) || !URL.canParse(other)) return false;
  const [url, first] = [new URL(text), new URL(other)];
  return url.hostname !== '' && url.username === first.username && url.pathname === first.pathname;
}
