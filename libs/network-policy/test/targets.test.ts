import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  checkTarget,
  guardedFetch,
  guardedLookup,
  GuardedSocket,
  refusalOf,
  TargetRefused,
  type Resolve,
  type TargetRules,
} from '../src/index.js';

const STRICT: TargetRules = { allowLoopback: false, allowPrivate: false };

/** Notations and names of addresses that must be refused. */
const FORBIDDEN = [
  // this machine
  '127.0.0.1',
  '127.0.0.2',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0',
  '0.0',
  '0.1.2.3',
  // in other notations
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '017700000001',
  '0177.0.0.1',
  '0177.1',
  '127.0x0.0.1',
  '00000177.0.0.1',
  '3232235777',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  // private networks
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '100.64.0.1',
  '100.127.255.254',
  '10.1',
  '192.168.1',
  // link-local and the metadata services of clouds
  '169.254.0.1',
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  'fe80::1',
  'fe80::a9fe:a9fe',
  'fd00:ec2::254',
  // reserved ranges
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  // IPv6
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '[::1]',
  'fc00::1',
  'fdff::1',
  'ff02::1',
  '2001:db8::1',
  // IPv4 in IPv6
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '[::ffff:10.0.0.1]',
  '::ffff:169.254.169.254',
  '::127.0.0.1',
  '::7f00:1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1:808:8:800::',
  '64:ff9b:1::808:808',
  '2002:7f00:1::',
  '2002:a00:1::1',
  '::ffff:0:127.0.0.1',
  // names of this machine
  'localhost',
  'LOCALHOST',
  'localhost.',
  'ip6-localhost',
  'ip6-loopback',
];

describe('a refused target', () => {
  const seen: string[] = [];
  let canary: Server;
  let port: number;

  beforeAll(async () => {
    canary = createServer((socket) => {
      seen.push('a connection');
      socket.destroy();
    });
    canary.listen(0, '::');
    await once(canary, 'listening');
    ({ port } = canary.address() as AddressInfo);
  });
  afterAll(() => canary.close());
  beforeEach(() => seen.splice(0));

  const connect = (host: string, rules: TargetRules = STRICT): Promise<unknown> =>
    new Promise((resolve) => {
      const socket = new GuardedSocket(rules);
      socket.once('error', resolve);
      socket.once('connect', () => resolve('connected'));
      socket.connect(port, host);
      socket.unref();
    });

  it.each(FORBIDDEN)('is not connected to: %s', async (host) => {
    const outcome = await connect(host);
    // A name or notation that this machine cannot resolve fails; all others are refused.
    expect(outcome instanceof TargetRefused || /ENOTFOUND|EAI_AGAIN|EINVAL/.test(String(outcome))).toBe(true);
    const url = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}/`;
    const fetched: unknown = await Promise.resolve()
      .then(() => guardedFetch({ url: new URL(url), signal: AbortSignal.timeout(5_000) }, STRICT))
      .catch((error: unknown) => error);
    expect(fetched).toBeInstanceOf(Error);
    expect(seen).toEqual([]);
  });

  it('is tested in 60 notations, and the canary server detects connections', async () => {
    expect(FORBIDDEN.length).toBeGreaterThanOrEqual(60);
    expect(await connect('127.0.0.1', { ...STRICT, allowLoopback: true })).toBe('connected');
    expect(await connect('localhost', { ...STRICT, allowLoopback: true })).toBe('connected');
  });

  it('is refused by the address that is connected to, also when DNS answers change or are mixed', async () => {
    let asked = 0;
    const rebinding: Resolve = (_name, _options, callback) =>
      callback(null, [{ address: asked++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 }]);
    const answers = await new Promise((resolve) => {
      guardedLookup({ ...STRICT, resolve: rebinding })('rebinding.example', { all: true }, (_error, addresses) =>
        resolve(addresses),
      );
    });
    expect([answers, asked]).toEqual([[{ address: '93.184.216.34', family: 4 }], 1]);
    expect(await connect('rebinding.example', { ...STRICT, resolve: rebinding })).toBeInstanceOf(TargetRefused);
    const mixed: Resolve = (_name, _options, callback) =>
      callback(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '::1', family: 6 },
      ]);
    expect(await connect('mixed.example', { ...STRICT, resolve: mixed })).toBeInstanceOf(TargetRefused);
    expect(seen).toEqual([]);
  });

  it('is not reached by a redirect, a path or a port that is not allowed', async () => {
    const redirecting = createHttpServer((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(),
    );
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    const from = (redirecting.address() as AddressInfo).port;
    const rules = { ...STRICT, allowLoopback: true };
    const answer = await guardedFetch(
      { url: new URL(`http://127.0.0.1:${from}/`), signal: AbortSignal.timeout(5_000) },
      rules,
    );
    expect(answer.status).toBe(302);
    redirecting.close();
    expect(() => checkTarget({ host: 'example.org', port: 22 }, { ...STRICT, ports: [5_432] })).toThrow(
      'allowed are 5432',
    );
    const socket = new GuardedSocket(rules);
    const failed = once(socket, 'error');
    socket.connect('/var/run/postgresql/.s.PGSQL.5432');
    expect((await failed)[0]).toBeInstanceOf(TargetRefused);
    await expect(
      guardedFetch({ url: new URL('file:///etc/passwd'), signal: AbortSignal.timeout(1_000) }, rules),
    ).rejects.toBeInstanceOf(TargetRefused);
    expect(seen).toEqual([]);
  });
});

it.each([
  ['93.184.216.34', STRICT, true],
  ['2606:2800:220:1:248:1893:25c8:1946', STRICT, true],
  ['::ffff:93.184.216.34', STRICT, true],
  ['10.0.0.1', { ...STRICT, allowPrivate: true }, true],
  ['fd12::1', { ...STRICT, allowPrivate: true }, true],
  ['127.0.0.1', { ...STRICT, allowPrivate: true }, false],
  ['169.254.169.254', { allowLoopback: true, allowPrivate: true }, false],
  ['fd00:ec2::254', { allowLoopback: true, allowPrivate: true }, false],
  ['fd00:ec2::23', { allowLoopback: true, allowPrivate: true }, false],
  ['fd20:ce::254', { allowLoopback: true, allowPrivate: true }, false],
  ['fd00:c1::a9fe:a9fe', { allowLoopback: true, allowPrivate: true }, false],
  ['fd00:100::100:200', { allowLoopback: true, allowPrivate: true }, false],
  ['fd00:42::42', { allowLoopback: true, allowPrivate: true }, false],
  ['fd00:a9fe:a9fe::1', { allowLoopback: true, allowPrivate: true }, false],
  ['100.100.100.200', { allowLoopback: true, allowPrivate: true }, false],
  ['168.63.129.16', { allowLoopback: true, allowPrivate: true }, false],
  ['::ffff:168.63.129.16', { allowLoopback: true, allowPrivate: true }, false],
  ['168.63.129.17', STRICT, true],
  ['fd20:ce::255', { ...STRICT, allowPrivate: true }, true],
  ['::1', { ...STRICT, allowLoopback: true }, true],
  ['not an address', STRICT, false],
])('judges %s under %j: allowed is %s', (address, rules, allowed) => {
  expect(refusalOf(address, rules) === undefined).toBe(allowed);
});

describe('a server that does not come to a response', () => {
  let server: Server;
  let head: string;
  beforeAll(async () => {
    server = createServer((socket) => {
      const send = (): void => void (socket.destroyed || socket.write(head, send));
      socket.on('error', () => undefined).once('data', send);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
  });

  const ask = (answer: string) => {
    head = answer;
    const { port } = server.address() as AddressInfo;
    const request = { url: new URL(`http://127.0.0.1:${port}/`), signal: AbortSignal.timeout(5_000) };
    return guardedFetch(request, { ...STRICT, allowLoopback: true });
  };

  it('has answered with 101 where it changes the protocol, and is not followed there', async () => {
    const { status, body } = await ask(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect([status, body.length]).toEqual([101, 0]);
  });

  it('is not listened to for as long as it announces one', async () => {
    const asked = ask('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000));
    await expect(asked).rejects.toThrow('announces a response and sends none');
  });
});
