import { envInteger } from '@signalbox/platform';

const MOST = 1_000_000;

/** The variables of connections of clients: a part of the gateway's configuration. */
export const connectionsEnv = {
  SIGNALBOX_MAX_CONNECTIONS: envInteger({ min: 16, max: MOST }).optional().meta({
    description:
      'Connections of clients at once. Those beyond are closed. It is reduced, with a warning, where the process may not open as many files (`ulimit -n`).',
    default_text: '20000, or what the limit of open files leaves',
  }),
  SIGNALBOX_MAX_CONNECTIONS_PER_ADDRESS: envInteger({ min: 1, max: MOST }).optional().meta({
    description:
      'The same for one address (IPv6: a /64 network). Addresses in `SIGNALBOX_TRUSTED_PROXIES` are not limited.',
    default_text: 'three quarters of `SIGNALBOX_MAX_CONNECTIONS`',
  }),
};
