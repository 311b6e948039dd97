// @ts-check
import { configFileFrom } from './frozen.mjs';
import { secretKeys } from './secret-keys.mjs';

/** @typedef {import('../infrastructure/index.mjs').ServiceName} ServiceName */

/**
 * What one service is given beside the variables that it reads of this process's environment, and the URLs of its servers.
 * @param {ServiceName} service
 * @param {{ home: import('../base/home.mjs').Home, port: number, managementPort: number | undefined, initialize: boolean }} options
 *   `port`, `managementPort`: the gateway's, which chooses the second itself where it is undefined; `initialize`: the registry forgets what it has stored and loads its file
 * @returns {Record<string, string>}
 */
export function serviceEnvironment(service, { home, port, managementPort, initialize }) {
  switch (service) {
    case 'gateway':
      return {
        PORT: String(port),
        SIGNALBOX_PORT: '',
        SIGNALBOX_MANAGEMENT_PORT: process.env.SIGNALBOX_MANAGEMENT_PORT || String(managementPort ?? ''),
        SIGNALBOX_ADMIN_KEY_FILE: home.adminKeyFile,
      };
    case 'registry':
      return {
        ...withCredentials(home.secretKeysFile),
        SIGNALBOX_CONFIG_FILE: configFileFrom(process.env),
        SIGNALBOX_REGISTRY_DATA: process.env.SIGNALBOX_REGISTRY_DATA || home.registryFolder,
        SIGNALBOX_INITIALIZE: String(initialize),
      };
    case 'datasource-sync':
      return withCredentials(home.datasourceKeysFile);
    default:
      return { SIGNALBOX_MANAGEMENT_PORT: '0' };
  }
}

/** Of a service that stores credentials and connects to what they are for. @param {string} keysFile its own */
function withCredentials(keysFile) {
  return {
    SIGNALBOX_MANAGEMENT_PORT: '0',
    ...(!process.env.SIGNALBOX_SECRET_KEYS && {
      SIGNALBOX_SECRET_KEYS_FILE: process.env.SIGNALBOX_SECRET_KEYS_FILE || secretKeys(keysFile),
    }),
    // What runs beside it can be connected to.
    SIGNALBOX_ALLOW_LOOPBACK_TARGETS: process.env.SIGNALBOX_ALLOW_LOOPBACK_TARGETS || 'true',
  };
}
