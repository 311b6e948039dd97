// @ts-check
import { Failure } from '../base/failure.mjs';

/**
 * What a broker has, by its management API.
 * @param {{ management: string, url: string }} broker `management`: with user and password; `url`: its path is the virtual host
 * @returns {Promise<import('./compare.mjs').Live>}
 * @throws {Failure} where it does not answer as expected
 */
export async function liveByManagement({ management, url }) {
  const vhost = encodeURIComponent(decodeURIComponent(new URL(url).pathname.slice(1)) || '/');
  /** @param {string} what @returns {Promise<any[]>} */
  const list = (what) => ask(management, `api/${what}/${vhost}`);
  const [exchanges, queues, bindings] = await Promise.all(['exchanges', 'queues', 'bindings'].map(list));
  return {
    exchanges: exchanges ?? [],
    queues: (queues ?? []).map(({ messages = 0, consumers = 0, ...queue }) => ({ ...queue, messages, consumers })),
    bindings: (bindings ?? [])
      .filter(({ destination_type }) => destination_type === 'queue')
      .map(({ source, destination, routing_key }) => ({ exchange: source, queue: destination, key: routing_key })),
  };
}

/** @param {string} management @param {string} path @returns {Promise<any>} */
async function ask(management, path) {
  if (!/^https?:/.test(management) || !URL.canParse(management))
    throw new Failure('--management: expected a URL that starts with http:// or https://');
  const { origin, username, password } = new URL(management);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  const wayOut = 'Check the address, the user and its tag: the management API needs one that is at least `monitoring`.';
  const answer = await fetch(`${origin}/${path}`, { headers, signal: AbortSignal.timeout(10_000) }).catch(() => {
    throw new Failure(`the management API at ${origin} does not answer`, { wayOut });
  });
  if (!answer.ok) throw new Failure(`the management API at ${origin} answers ${answer.status}`, { wayOut });
  return answer.json();
}
