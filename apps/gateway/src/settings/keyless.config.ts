import { envBoolean, envPort } from '@signalbox/platform';
import { z } from 'zod';

const USUAL_PORT = 3_001;
const LAST_PORT = 65_535;
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/;

/** The variables of the management port and its keyless routes: a part of the gateway's configuration. */
export const keylessEnv = {
  SIGNALBOX_KEYLESS_MANAGEMENT: envBoolean()
    .default(false)
    .describe('Serve `GET /status` without a key on the management port, for clients that cannot send headers.'),
  SIGNALBOX_KEYLESS_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .toLowerCase()
        .split(',')
        .map((host) => host.trim())
        .filter((host) => host !== ''),
    )
    .pipe(z.array(z.string().regex(HOST, 'expected names of hosts, each with its port unless that is 80')))
    .meta({
      description:
        'Under which hosts clients reach the keyless routes, besides `localhost` and the address and name of the machine, each as they send it in `Host`: `readers.example:8081`. With any other `Host` they are refused: a page in a browser could have made it point here.',
      values: 'hosts, separated by commas',
    }),
  SIGNALBOX_MANAGEMENT_PORT: envPort()
    .optional()
    .meta({
      description: 'The management port. The log line `ready` has the port in use.',
      default_text: `${USUAL_PORT}, or the port after \`PORT\` with \`SIGNALBOX_KEYLESS_MANAGEMENT\`: clients look for it there`,
    }),
};

interface Ports {
  readonly PORT: number;
  readonly SIGNALBOX_KEYLESS_MANAGEMENT: boolean;
  readonly SIGNALBOX_MANAGEMENT_PORT?: number | undefined;
}

/** 0 means any free port. */
export function managementPortOf(config: Ports): number {
  const { PORT, SIGNALBOX_KEYLESS_MANAGEMENT, SIGNALBOX_MANAGEMENT_PORT: given } = config;
  if (given !== undefined) return given;
  if (!SIGNALBOX_KEYLESS_MANAGEMENT) return USUAL_PORT;
  return PORT === 0 || PORT === LAST_PORT ? 0 : PORT + 1;
}
