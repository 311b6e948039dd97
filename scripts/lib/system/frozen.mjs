// @ts-check
import { join } from 'node:path';
import { checkout } from '../base/home.mjs';
import { gatewayShows } from './gateway-shows.mjs';

/** The file that the registry is given. @param {NodeJS.ProcessEnv} env */
export const configFileFrom = (env) => env.SIGNALBOX_CONFIG_FILE || join(checkout, 'examples/signalbox.config.json');

/**
 * @param {{ gatewayUrl: string, keyFile: string, signal: AbortSignal }} options
 * @returns {Promise<string | undefined>} what a person is to know where the registry takes no changes
 */
export async function frozenNote({ gatewayUrl, keyFile, signal }) {
  /** @type {string | undefined} */
  let note;
  const path = '/api/v0/status';
  const isThere = (/** @type {any} */ { operationalState, frozenConfig, loadErrors = [] }) => {
    if (operationalState !== 'serving') return false;
    const file = configFileFrom(process.env);
    const ofFile = loadErrors.find((/** @type {{ project?: string }} */ { project }) => project === undefined);
    if (frozenConfig)
      note = ofFile ? `! ${file}: ${ofFile.message}` : `  the registry is frozen by ${file} (frozenConfig)`;
    return true;
  };
  await gatewayShows({ gatewayUrl, keyFile, path, isThere, signal });
  return note;
}
