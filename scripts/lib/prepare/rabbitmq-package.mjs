// @ts-check
import { aptInstall, isDebianLike, isExecutable, isOnPath, osRelease, rootPrefix } from './apt.mjs';
import { Failure } from '../base/failure.mjs';

/** Where packages put the server; looked up before anything is built, so without the library that starts it later. */
const usualPlaces = [
  '/usr/lib/rabbitmq/bin/rabbitmq-server',
  '/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server',
  '/usr/local/opt/rabbitmq/sbin/rabbitmq-server',
];

/**
 * Makes sure that the system has a RabbitMQ server, installing Debian's package where we may.
 * @param {{ home: import('../base/home.mjs').Home, progress: import('../base/progress.mjs').Progress, signal: AbortSignal }} options
 */
export async function ensureRabbitMq({ home, progress, signal }) {
  if (usualPlaces.some(isExecutable) || isOnPath('rabbitmq-server')) return;
  const root = isDebianLike() ? rootPrefix() : undefined;
  if (!root) throw missing();
  const logFile = home.logFile('apt');
  const doing = 'installing rabbitmq-server with apt-get, as it is missing';
  await progress.step(
    { doing, done: 'rabbitmq-server installed with apt-get; its own service was not started' },
    (detail) =>
      aptInstall({ names: ['rabbitmq-server'], root, logFile, signal, detail, wayOut: otherWays(installCommand()) }),
  );
}

function missing() {
  return new Failure('RabbitMQ is not installed, and it may not be installed from here', {
    wayOut: otherWays(installCommand()),
  });
}

/** @param {string} command */
function otherWays(command) {
  return `Install it: ${command}\n  Or start Docker, or give your own servers: DATABASE_URL=… RABBITMQ_URL=… npm start`;
}

/** @returns {string} what a person types on this system */
export function installCommand({ platform = process.platform, release = osRelease() } = {}) {
  if (platform === 'darwin') return 'brew install rabbitmq';
  const family = `${release.ID ?? ''} ${release.ID_LIKE ?? ''}`;
  if (/debian|ubuntu/.test(family))
    return 'sudo apt-get update && sudo apt-get install -y --no-install-recommends rabbitmq-server';
  if (/fedora|rhel|centos/.test(family)) return 'sudo dnf install -y rabbitmq-server';
  if (/arch/.test(family)) return 'sudo pacman -S --noconfirm rabbitmq';
  if (/alpine/.test(family)) return 'sudo apk add rabbitmq-server';
  return 'see https://www.rabbitmq.com/docs/download';
}
