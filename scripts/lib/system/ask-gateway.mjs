// @ts-check
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/**
 * A request with the key in the file, and with a JSON body where one is given. Over https any certificate is taken: it is ours, for a name that this machine may not have, and the gateway
 * was started by this script.
 * @param {string} url
 * @param {{ keyFile: string, body?: object, signal: AbortSignal }} options a body makes it a POST
 * @returns {Promise<any>} the body of the answer, which is JSON
 */
export function askGateway(url, { keyFile, body, signal }) {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = {
    'X-Api-Key': readFileSync(keyFile, 'utf8').trim(),
    ...(body && { 'Content-Type': 'application/json' }),
  };
  const options = { method: body ? 'POST' : 'GET', headers, signal, rejectUnauthorized: false, agent: false };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}
