// @ts-check
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { Failure } from '../base/failure.mjs';
import { commandLine } from './processes.mjs';

/** @param {NodeJS.ProcessEnv} env @returns {number | undefined} the gateway's port; undefined: what is given is none */
export function portFrom(env) {
  const port = Number(env.SIGNALBOX_PORT || env.PORT || '8080');
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** @param {NodeJS.ProcessEnv} env of the gateway @param {number} port @returns {string} how it is reached from this machine */
export function gatewayUrl({ HOST: host, SIGNALBOX_TLS_CERT_FILE: certFile }, port) {
  const address = !host || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${certFile ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** @param {string} host @returns {Promise<boolean>} whether this machine has the address, so that a server can listen there */
export function isAddressHere(host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port: 0, host }, () => probe.close(() => resolve(true)));
  });
}

/**
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<boolean>} true too where the host is no address of this machine: see `isAddressHere`
 */
export function isPortFree(port, host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') return resolve(false);
      if (['ENOTFOUND', 'EADDRNOTAVAIL', 'EAI_AGAIN'].includes(error.code ?? '')) return resolve(true);
      const wayOut = 'Choose another: PORT=8081 npm start';
      reject(new Failure(`port ${port} on ${host} cannot be used: ${error.message}`, { wayOut }));
    });
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** @param {number} port @returns {Failure} */
export function portTaken(port) {
  const holder = portHolder(port);
  return new Failure(
    `port ${port} is taken${holder ? ` by process ${holder.pid} (${holder.command.slice(0, 100)})` : ''}`,
    {
      wayOut: `Stop what uses it, or choose another: PORT=${port + 1} npm start`,
    },
  );
}

/**
 * @param {number} port
 * @returns {{ pid: number, command: string } | undefined} the process that listens on the port, where Linux shows it to us
 */
export function portHolder(port) {
  if (process.platform !== 'linux') return undefined;
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port));
  if (inodes.length === 0) return undefined;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry) && holdsOneOf(entry, wanted))
      return { pid: Number(entry), command: commandLine(Number(entry)) };
  }
  return undefined;
}

/** @param {string} table @param {number} port */
function listeningInodes(table, port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    const rows = readFileSync(table, 'utf8')
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/));
    // Columns: 1 the local address, 3 the state (0A is "listening"), 9 the socket's inode.
    return rows.filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === '0A').map((columns) => columns[9]);
  } catch {
    return [];
  }
}

/** @param {string} pid @param {Set<string>} sockets */
function holdsOneOf(pid, sockets) {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

/** @param {string} path */
function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
