// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { askGateway } from './ask-gateway.mjs';

const withinMs = 30_000;

/**
 * @param {{ gatewayUrl: string, keyFile: string, path: string, isThere: (body: any) => boolean, signal: AbortSignal }} options
 * @returns {Promise<boolean>} whether the gateway shows it there, within 30 s
 */
export async function gatewayShows({ gatewayUrl, keyFile, path, isThere, signal }) {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await isShown(`${gatewayUrl}${path}`, keyFile, isThere)) return true;
    await sleep(100, undefined, { signal });
  }
  return false;
}

/**
 * @param {string} url
 * @param {string} keyFile
 * @param {(body: any) => boolean} isThere
 * @returns {Promise<boolean>} false too while the gateway does not answer
 */
async function isShown(url, keyFile, isThere) {
  try {
    return isThere(await askGateway(url, { keyFile, signal: AbortSignal.timeout(5_000) }));
  } catch {
    return false;
  }
}
