import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type ConnectionOptions } from 'node:tls';
import { GuardedSocket, type TargetRules } from '@signalbox/network-policy';
import type { DirectSource } from '../../work/assignment.js';
import { resolveName } from '../../work/resolve-name.js';
import { SourceProblem } from './source-problem.js';

export interface SourceSocket {
  readonly socket: Socket;
  readonly encrypted: boolean;
}

/** Length 8, code 80877103: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Connects as libpq does: plain, or with TLS by the mode. The driver is given the finished connection, so that what TLS refuses is known
 * apart from what the server refuses, and `prefer` needs no second connection.
 */
export async function openSocket(source: DirectSource, rules: TargetRules, signal: AbortSignal): Promise<SourceSocket> {
  const socket = new GuardedSocket({ ...rules, resolve: resolveName });
  const cut = (): void => void socket.destroy(silentServer());
  signal.throwIfAborted();
  signal.addEventListener('abort', cut, { once: true });
  try {
    socket.connect(source.port, source.host);
    await once(socket, 'connect');
    // A server that was switched off is noticed although nothing is sent to it.
    socket.setKeepAlive(true, 30_000);
    if (source.tls === 'disable') return { socket, encrypted: false };
    socket.write(SSL_REQUEST);
    if (!(await offersTls(socket))) {
      if (source.tls === 'prefer') return { socket, encrypted: false };
      throw new SourceProblem('refused', 'tls_unavailable', NO_TLS);
    }
    return { socket: await encrypt(socket, source), encrypted: true };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

const SILENT = {
  message: 'The server did not answer in time.',
  fix: 'See that the server is running and answers on this port.',
};

export const silentServer = (): SourceProblem => new SourceProblem('unreachable', 'timeout', SILENT);

/** `during`: what was waited for, with its verb. */
export const silentFor = (ms: number, during: string): SourceProblem =>
  new SourceProblem('unreachable', 'timeout', {
    message: `The server sent nothing for ${ms / 1_000} s while ${during}.`,
    fix: SILENT.fix,
  });

const NO_TLS = {
  item: 'tls',
  message: 'The server does not offer TLS.',
  fix: 'Set ssl = on with a certificate at the server, or register the connection string with sslmode=disable.',
};

/** One byte. What comes with it was not sent by the server that TLS is made with (CVE-2021-23222). */
async function offersTls(socket: Socket): Promise<boolean> {
  const answer = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      resolve(chunk);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  if (answer.length === 1 && answer[0] === 0x53) return true;
  if (answer.length === 1 && answer[0] === 0x4e) return false;
  throw new SourceProblem('unreachable', 'not_postgres', {
    message: 'What answers there is not a PostgreSQL server.',
    fix: 'Give the host and the port of the PostgreSQL server.',
  });
}

async function encrypt(socket: Socket, source: DirectSource): Promise<Socket> {
  const secure = connectTls({ socket, host: source.host, ...verification(source), ...serverName(source.host) });
  try {
    await once(secure, 'secureConnect');
  } catch (error) {
    if (socket.errored instanceof SourceProblem) throw socket.errored;
    throw untrusted(error as NodeJS.ErrnoException);
  }
  secure.pause();
  return secure;
}

const serverName = (host: string): ConnectionOptions => (isIP(host) === 0 ? { servername: host } : {});

/** As libpq has it, `require` verifies the authority where one was given. */
function verification({ tls, caCertificate }: DirectSource): ConnectionOptions {
  const verifies = tls === 'verify-ca' || tls === 'verify-full' || (tls === 'require' && caCertificate !== undefined);
  return {
    rejectUnauthorized: verifies,
    ...(caCertificate !== undefined && { ca: [...rootCertificates, caCertificate] }),
    ...(tls !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}

function untrusted({ code = '' }: NodeJS.ErrnoException): SourceProblem {
  if (code === 'ECONNRESET' || code === '')
    return new SourceProblem('unreachable', 'tls_failed', {
      message: 'The TLS handshake was broken off.',
      fix: SILENT.fix,
    });
  const name = code === 'ERR_TLS_CERT_ALTNAME_INVALID';
  return new SourceProblem('refused', 'tls_untrusted', {
    item: 'tls',
    message: name
      ? 'The certificate of the server is for another host name.'
      : `The certificate of the server is not trusted (${code}).`,
    fix: name
      ? 'Register the host name that the certificate has, or use sslmode=verify-ca.'
      : 'Register the datasource with the caCertificate that signed it, or give the server a certificate of a public authority.',
  });
}
