import { access, constants, realpath } from 'node:fs/promises';
import path from 'node:path';
import { searchPath } from '../config.js';

export interface RabbitMqInstallation {
  /** The package's own start script, which runs the node as the calling user. */
  serverScript: string;
  /** From the path of the installation; `undefined` if the path does not contain it. */
  version: string | undefined;
}

/** Where packages install the script. On Debian and Fedora the one on the PATH is a wrapper that switches the user. */
const KNOWN_FOLDERS = [
  '/usr/lib/rabbitmq/bin',
  '/opt/homebrew/opt/rabbitmq/sbin',
  '/usr/local/opt/rabbitmq/sbin',
  '/opt/rabbitmq/sbin',
];

/** The RabbitMQ of this machine, or `undefined` if there is none that can be started. */
export async function findRabbitMq(): Promise<RabbitMqInstallation | undefined> {
  for (const folder of [...KNOWN_FOLDERS, ...searchPath()]) {
    const serverScript = path.join(folder, 'rabbitmq-server');
    try {
      await access(serverScript, constants.X_OK);
    } catch {
      continue;
    }
    const real = await realpath(serverScript);
    if (path.basename(real) === 'rabbitmq-server' && !real.startsWith('/usr/sbin/')) {
      return {
        serverScript,
        version: /rabbitmq_server-([\d.]+)|\/(\d+\.\d+\.\d+)\//.exec(real)?.slice(1).find(Boolean),
      };
    }
  }
  return undefined;
}
