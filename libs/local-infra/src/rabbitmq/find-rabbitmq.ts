import { access, constants, realpath } from 'node:fs/promises';
import path from 'node:path';
import { searchPath } from '../config.js';

export interface RabbitMqInstallation {
  /** The package's own start script, which runs the node as whoever calls it. */
  serverScript: string;
  /** As the folder of the installation says; `undefined` when it does not. */
  version: string | undefined;
}

/** Where packages put the script itself; on Debian and Fedora the one on the PATH is a wrapper that switches user. */
const KNOWN_FOLDERS = [
  '/usr/lib/rabbitmq/bin',
  '/opt/homebrew/opt/rabbitmq/sbin',
  '/usr/local/opt/rabbitmq/sbin',
  '/opt/rabbitmq/sbin',
];

/** The RabbitMQ of this machine, or `undefined` when there is none that we can start. */
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
