// @ts-check
import { vhostOf } from '@signalbox/messaging';
import { Failure } from '../base/failure.mjs';

/**
 * What a broker has, by its management API.
 * @param {{ management: string, url: string }} broker `management`: with user and password; `url`: its path is the virtual host
 * @returns {Promise<import('./compare.mjs').Live>}
 * @throws {Failure} where it does not answer as expected
 */
export async function liveByManagement({ management, url }) {
  const vhost = vhostOf(url);
  /** @param {string} what @returns {Promise<any[]>} */
  const list = (what) => ask({ management, what, vhost });
  const [exchanges, queues, bindings] = await Promise.all(['exchanges', 'queues', 'bindings'].map(list));
  return {
    exchanges: exchanges ?? [],
    queues: (queues ?? []).map(({ messages = 0, consumers = 0, ...queue }) => ({ ...queue, messages, consumers })),
    bindings: (bindings ?? [])
      .filter(({ destination_type }) => destination_type === 'queue')
      .map(({ source, destination, routing_key }) => ({ exchange: source, queue: destination, key: routing_key })),
    exchangeBindings: (bindings ?? [])
      .filter(({ destination_type }) => destination_type === 'exchange')
      .map(({ source, destination, routing_key }) => ({ exchange: source, destination, key: routing_key })),
  };
}

/**
 * @param {{ management: string, what: string, vhost: string }} question
 * @returns {Promise<any>}
 */
async function ask({ management, what, vhost }) {
  if (!/^https?:/.test(management) || !URL.canParse(management))
    throw new Failure('--management: expected a URL that starts with http:// or https://');
  const { origin, pathname, username, password } = new URL(management);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  // Behind a proxy, or with `management.path_prefix`, the API stands below a path.
  const address = `${origin}${pathname.replace(/\/$/, '')}/api/${what}/${encodeURIComponent(vhost)}`;
  const answer = await fetch(address, { headers, signal: AbortSignal.timeout(10_000) }).catch(() => {
    throw new Failure(`the management API at ${origin} does not answer`, { wayOut: 'Check the address.' });
  });
  if (answer.ok) return answer.json();
  if (answer.status === 401 || answer.status === 403)
    throw new Failure(`the management API at ${origin} refuses the user`, {
      wayOut: 'Check the password, the tag (at least `monitoring`), and the permissions in the virtual host.',
    });
  if (answer.status === 404)
    throw new Failure(`the management API at ${origin} knows no virtual host ${vhost}`, {
      wayOut: 'The virtual host is the path of RABBITMQ_URL. Check it, and the address of --management.',
    });
  throw new Failure(`the management API at ${origin} answers ${answer.status}`);
}
