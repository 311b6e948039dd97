import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Route } from './route.js';

export interface ProbeOptions {
  /** For the name, the connection and the handshake together. */
  readonly timeoutMs: number;
  /** How a name becomes addresses; default: as any program of this machine would. */
  readonly resolve?: Resolve;
  /** PEM of the authorities to trust instead of Node's own (which NODE_EXTRA_CA_CERTS adds to). */
  readonly ca?: string;
}

export type Resolve = (host: string) => Promise<LookupAddress[]>;

const LONGEST_REASON = 200;

/** A step that failed, in the words that are reported. */
class Unreachable extends Error {}

/** Tries a route: `OK`, or why it cannot be reached. Never rejects; nothing is sent to the peer but a TLS handshake where one is asked for. */
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
    await shakenHands(socket, route, ca);
    return 'OK';
  };
  try {
    return await Promise.race([attempt(), deadline]);
  } catch (error) {
    return error instanceof Unreachable ? error.message : `unreachable (${codeOf(error)})`;
  } finally {
    clearTimeout(timer);
    // Also after the deadline, when an error may still come that nobody waits for.
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

function shakenHands(socket: Socket, { host }: Route, ca: string | undefined): Promise<void> {
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

/** OpenSSL's own word where there is one: its messages begin with addresses in memory. */
function reasonOf(error: Error): string {
  const { reason, code } = error as Error & { reason?: unknown; code?: unknown };
  if (code === 'ECONNRESET') return 'the connection was closed in the handshake';
  const text = typeof reason === 'string' && reason !== '' ? reason : (error.message.split('\n', 1)[0] ?? '');
  return text.slice(0, LONGEST_REASON);
}

/** Where several addresses were tried, the error of the first that says anything. */
function codeOf(error: unknown): string {
  const { code, errors } = error as { code?: unknown; errors?: { code?: unknown }[] };
  const found = [code, ...(errors ?? []).map((each) => each.code)].find((each) => typeof each === 'string');
  return typeof found === 'string' ? found : 'unknown error';
}
