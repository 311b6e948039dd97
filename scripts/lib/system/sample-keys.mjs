// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { askGateway } from './ask-gateway.mjs';

/** @typedef {{ id: string, key: string }} BrokerKey */
/** @typedef {{ reader: BrokerKey, agent: BrokerKey }} SampleKeys */

const withinMs = 20_000;

/** @type {Record<keyof SampleKeys, { name: string, kind: string, readers?: string, dataplane?: string }>} */
const wanted = {
  // For every id: a reader that is started beside the samples logs in with the same URL, whatever its id is.
  reader: { name: 'npm start: readers', kind: 'reader', readers: '*' },
  agent: { name: 'npm start: dataplane main', kind: 'agent', dataplane: 'main' },
};

/**
 * The keys with which the sample readers and the dataplane agent log in to the broker. They are kept for the next start.
 * @param {string} file
 * @returns {SampleKeys | undefined} undefined: none were made yet
 */
export function storedSampleKeys(file) {
  try {
    const { reader, agent } = JSON.parse(readFileSync(file, 'utf8'));
    return reader && agent && { reader, agent };
  } catch {
    return undefined;
  }
}

/**
 * The stored keys, each replaced by a new one where it was revoked or rotated, or the gateway does not know it.
 * @param {{ file: string, gatewayUrl: string, adminKeyFile: string, signal: AbortSignal }} options
 * @returns {Promise<SampleKeys>}
 * @throws {Error} where the gateway makes none, with its reason
 */
export async function sampleKeys({ file, gatewayUrl, adminKeyFile, signal }) {
  const stored = storedSampleKeys(file);
  const request = { keyFile: adminKeyFile, signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]) };
  /** @param {keyof SampleKeys} which @returns {Promise<BrokerKey>} */
  const keyOf = async (which) => {
    const before = stored?.[which];
    if (before && !isOver(await askGateway(`${gatewayUrl}/v1/keys/${before.id}`, request))) return before;
    const made = await askGateway(`${gatewayUrl}/v1/keys`, { ...request, body: wanted[which] });
    if (!made.key) throw new Error(made.detail ?? made.title ?? 'the gateway did not answer with a key');
    return { id: made.id, key: made.key };
  };
  const [reader, agent] = await Promise.all([keyOf('reader'), keyOf('agent')]);
  if (reader.id !== stored?.reader.id || agent.id !== stored.agent.id)
    writeFileSync(file, `${JSON.stringify({ reader, agent }, null, 2)}\n`, { mode: 0o600 });
  return { reader, agent };
}

/**
 * An answer that does not say so, as to an admin key that was replaced, leaves a key as it is.
 * @param {{ status?: number, revoked_at?: string | null, expires_at?: string | null }} shown
 */
const isOver = ({ status, revoked_at, expires_at }) => status === 404 || Boolean(revoked_at) || Boolean(expires_at);
