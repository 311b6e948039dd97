// @ts-check
import { askGateway } from './ask-gateway.mjs';
import { becomesTrue } from './becomes-true.mjs';

/**
 * @param {{ gatewayUrl: string, keyFile: string, path: string, isThere: (body: any) => boolean, signal: AbortSignal }} options
 * @returns {Promise<boolean>} whether the gateway shows it there, within 30 s
 */
export const gatewayShows = ({ gatewayUrl, keyFile, path, isThere, signal }) =>
  becomesTrue(
    async () => isThere(await askGateway(`${gatewayUrl}${path}`, { keyFile, signal: AbortSignal.timeout(5_000) })),
    signal,
  );
