import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Route } from './route.js';

export interface ProbeOptions {
  /** For name resolution, connection and handshake together. */
  readonly timeoutMs: number;
  /** Resolves a name; default: the system's resolver. */
  readonly resolve?: Resolve;
  /** PEM of the authorities to trust instead of Node's own (which NODE_EXTRA_CA_CERTS adds to). */
  readonly ca?: string;
}

export type Resolve = (host: string) => Promise<LookupAddress[]>;

const MAX_REASON_LENGTH = 200;

/** A step failed; the message is what is reported. */
class Unreachable extends Error {}

/**
 * Probes a route. Resolves with `OK` or the reason why it cannot be reached, and never rejects. The peer is sent nothing but a TLS
 * handshake where the route asks for one.
 */
export async function probeRoute(
  route: Route,
  { timeoutMs, resolve = resolveAsSystem, ca }: ProbeOptions,
): Promise<string> {
  const silence = `no answer within ${timeoutMs / 1_000} s`;
  let step: '' | 'DNS: ' | 'TLS: ' = '';
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unreachable(`${step}${silence}`)), timeoutMs);
  });
  const attempt = async (): Promise<string> => {
    step = 'DNS: ';
    const addresses = await addressesOf(route.host, resolve);
    step = '';
    socket = connect({
      host: route.host,
      port: route.port,
      lookup: answering(addresses),
      // Node would give each of several addresses 250 ms, which a far network needs for one round trip.
      autoSelectFamilyAttemptTimeout: Math.max(10, Math.floor(timeoutMs / addresses.length)),
    });
    await connected(socket, silence);
    if (!route.tls) return 'OK';
    step = 'TLS: ';
    await handshaken(socket, route, ca);
    return 'OK';
  };
  try {
    return await Promise.race([attempt(), deadline]);
  } catch (error) {
    return error instanceof Unreachable ? error.message : `unreachable (${codeOf(error)})`;
  } finally {
    clearTimeout(timer);
    // After the deadline the socket may still emit an error.
    socket?.on('error', () => undefined).destroy();
  }
}

async function addressesOf(host: string, resolve: Resolve): Promise<LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  try {
    const addresses = await resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOTFOUND' && code !== 'ENODATA') throw new Unreachable(`DNS: ${code}`, { cause: error });
  }
  throw new Unreachable('unknown name');
}

function resolveAsSystem(host: string): Promise<LookupAddress[]> {
  return lookup(host, { all: true });
}

function answering(addresses: LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
  };
}

function connected(socket: Socket, silence: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) => {
      const code = codeOf(error);
      if (code === 'ECONNREFUSED') return reject(new Unreachable('refused'));
      reject(new Unreachable(code === 'ETIMEDOUT' ? silence : `unreachable (${code})`));
    });
  });
}

function handshaken(socket: Socket, { host }: Route, ca: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({
      socket,
      host,
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
    });
    secure.once('secureConnect', () => {
      secure.destroy();
      resolve();
    });
    secure.on('error', (error) => reject(new Unreachable(`TLS: ${reasonOf(error)}`)));
  });
}

/** OpenSSL's reason where there is one: its messages begin with memory addresses. */
function reasonOf(error: Error): string {
  const { reason, code } = error as Error & { reason?: unknown; code?: unknown };
  if (code === 'ECONNRESET') return 'the connection was closed in the handshake';
  const text = typeof reason === 'string' && reason !== '' ? reason : (error.message.split('\n', 1)[0] ?? '');
  return text.slice(0, MAX_REASON_LENGTH);
}

/** Where several addresses were tried, the code of the first error that has one. */
function codeOf(error: unknown): string {
  const { code, errors } = error as { code?: unknown; errors?: { code?: unknown }[] };
  const found = [code, ...(errors ?? []).map((each) => each.code)].find((each) => typeof each === 'string');
  return typeof found === 'string' ? found : 'unknown error';
}
