// @ts-check
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** As a client that follows, with the ETag of the answer before. */
const ASKED_EVERY_MS = 2;

/** @typedef {{ gateway: { port: number }, headers: Record<string, string> }} Asked */

/**
 * Asks for `GET /status` until its dead readers are as they are to be.
 * @param {Asked} system @param {(deadReaders: string) => boolean} isSo gets the text of that map
 * @returns {Promise<number>} Unix ms at which it was there
 */
export async function whenDeadReaders(system, isSo) {
  let got = await deadReaders(system);
  while (got.text === undefined || !isSo(got.text)) {
    await wait(ASKED_EVERY_MS);
    got = await deadReaders(system, got.etag);
  }
  return got.at;
}

/**
 * The part of the body with the dead readers, which comes first. The rest is not read.
 * @param {Asked} system @param {string} [known] ETag of the answer before; with the same one there is no text
 * @returns {Promise<{ text?: string, etag: string | undefined, at: number }>} `at`: Unix ms at which it was there
 */
function deadReaders({ gateway, headers: own }, known) {
  const headers = { ...own, ...(known !== undefined && { 'if-none-match': known }) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: gateway.port, path: '/status', headers, agent: false });
    sent.on('response', (response) => {
      response.on('end', () => reject(new Error(`GET /status answered ${response.statusCode} without readers`)));
      const { etag } = response.headers;
      let text = '';
      if (response.statusCode === 304) {
        response.resume();
        resolve({ etag, at: Date.now() });
        return;
      }
      response.on('data', (/** @type {Buffer} */ part) => {
        text += part.toString('latin1');
        const end = text.indexOf('"last_heartbeat"');
        if (end < 0) return;
        resolve({ text: text.slice(0, end), etag, at: Date.now() });
        sent.destroy();
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
