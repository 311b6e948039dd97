import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** The status decides; of the body so much is read, so that the server may close the connection properly. */
const MOST_BYTES = 65_536;

/**
 * Whether the server answers a GET with 2xx in time, headers and body. A redirect is not followed: it is not what was asked for.
 * @param timeoutMs of the whole exchange
 */
export function probe(url: URL, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = request(url, { agent: false, headers: { 'user-agent': 'signalbox-reader' } }, (response) => {
      const isGood = response.statusCode! >= 200 && response.statusCode! < 300;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) finish(isGood);
      });
      response.on('end', () => finish(isGood));
      response.on('error', () => finish(false));
    });
    const late = setTimeout(() => finish(false), timeoutMs);
    const finish = (isHealthy: boolean): void => {
      clearTimeout(late);
      sent.destroy();
      resolve(isHealthy);
    };
    sent.on('error', () => finish(false));
    sent.end();
  });
}
