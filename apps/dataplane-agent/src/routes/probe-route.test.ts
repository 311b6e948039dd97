import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '@signalbox/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { probeRoute, type ProbeOptions } from './probe-route.js';

const servers: Server[] = [];
const sockets: Socket[] = [];
let key: string;
let cert: string;

beforeAll(() => {
  ({ key, cert } = selfSigned());
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const toLocalhost: ProbeOptions['resolve'] = async () => [{ address: '127.0.0.1', family: 4 }];

const probe = (
  port: number,
  { host = '127.0.0.1', tls = false, ...options }: Partial<ProbeOptions> & { host?: string; tls?: boolean } = {},
) => probeRoute({ name: `${host}:${port}`, host, port, tls }, { timeoutMs: 5_000, ...options });

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('probeRoute', () => {
  it('reports a peer that accepts as OK', async () => {
    expect(await probe(await listening(createServer()))).toBe('OK');
  });

  it('reports a refused connection', async () => {
    expect(await probe(await closedPort())).toBe('refused');
  });

  it('reports a connection refused at every address of a name', async () => {
    const resolve: ProbeOptions['resolve'] = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ];
    expect(await probe(await closedPort(), { host: 'two.test', resolve })).toBe('refused');
  });

  it('reaches a name at the second of its addresses', async () => {
    const resolve: ProbeOptions['resolve'] = async () => [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(await probe(await listening(createServer()), { host: 'two.test', resolve })).toBe('OK');
  });

  it('reports an unknown name', async () => {
    const resolve: ProbeOptions['resolve'] = async () =>
      Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    expect(await probe(1, { host: 'does-not-exist.invalid', resolve })).toBe('unknown name');
  });

  it('resolves names with the system resolver', async () => {
    expect(await probe(await listening(createServer()), { host: 'localhost' })).toBe('OK');
    expect(await probe(1, { host: 'does-not-exist.invalid', timeoutMs: 20_000 })).toMatch(
      /^(unknown name|DNS: EAI_AGAIN)$/,
    );
  });

  it('distinguishes a failing name server from one that does not answer', async () => {
    const failing: ProbeOptions['resolve'] = async () =>
      Promise.reject(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }));
    const silent: ProbeOptions['resolve'] = () => new Promise(() => undefined);
    expect(await probe(1, { host: 'some.test', resolve: failing })).toBe('DNS: EAI_AGAIN');
    expect(await probe(1, { host: 'some.test', resolve: silent, timeoutMs: 50 })).toBe('DNS: no answer within 0.05 s');
  });

  it('applies one deadline to all steps', async () => {
    const port = await listening(createServer());
    const slow: ProbeOptions['resolve'] = (host) =>
      new Promise((resolve) => setTimeout(() => resolve(toLocalhost(host)), 300));
    const begun = performance.now();
    expect(await probe(port, { host: 'some.test', resolve: slow, tls: true, timeoutMs: 600 })).toBe(
      'TLS: no answer within 0.6 s',
    );
    expect(performance.now() - begun).toBeLessThan(850);
  });

  it('reports a peer that does not answer the handshake', async () => {
    expect(await probe(await listening(createServer()), { tls: true, timeoutMs: 200 })).toBe(
      'TLS: no answer within 0.2 s',
    );
  });

  it('reports a peer that closes the connection in the handshake', async () => {
    expect(await probe(await listening(createServer((socket) => socket.end())), { tls: true })).toBe(
      'TLS: the connection was closed in the handshake',
    );
  });

  it('reports a peer that speaks no TLS', async () => {
    const port = await listening(createServer((socket) => socket.end('220 hello\r\n')));
    expect(await probe(port, { tls: true })).toMatch(/^TLS: (wrong version number|packet length too long)$/);
  });

  it('reports a self-signed certificate', async () => {
    expect(await probe(await listening(createTlsServer({ key, cert })), { tls: true })).toBe(
      'TLS: self-signed certificate',
    );
  });

  it('accepts a certificate that is valid for the host', async () => {
    const port = await listening(createTlsServer({ key, cert }));
    expect(await probe(port, { host: 'localhost', resolve: toLocalhost, tls: true, ca: cert })).toBe('OK');
  });

  it('reports a certificate for another host', async () => {
    const port = await listening(createTlsServer({ key, cert }));
    expect(await probe(port, { host: 'other.test', resolve: toLocalhost, tls: true, ca: cert })).toMatch(
      /^TLS: Host: other.test. is not in the cert/,
    );
    expect(await probe(port, { tls: true, ca: cert })).toMatch(/^TLS: IP: 127.0.0.1 is not in the cert/);
  });
});
