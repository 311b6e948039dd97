import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerUnparsed } from './unparsed-requests.js';

const LARGE_HEAD = `GET / HTTP/1.1\r\nhost: a\r\nx-large: ${'x'.repeat(20_000)}`;
const REQUEST = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

describe('a request that cannot be read', () => {
  const server = createServer((_request, response) => response.end('read'));
  server.on(
    'clientError',
    answerUnparsed(() => 'the-id'),
  );
  let client: Socket;

  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  beforeEach(() => {
    client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  });
  afterEach(() => client.destroy());
  afterAll(() => server.close());

  async function sendAndBeRefused(bytes: string): Promise<void> {
    const refused = once(server, 'clientError');
    client.write(bytes);
    await refused;
  }

  it('is answered, also where its client sends all before it reads', async () => {
    client.pause();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    client.end(LARGE_HEAD + 'x'.repeat(200_000));
    await once((await accepted)[0], 'finish');
    // Had the connection been closed after the answer, it would be by now.
    await setImmediate();
    expect(await text(client)).toMatch(/^HTTP\/1\.1 431 [^]*"head_too_large"/);
  });

  it('ends its connection: what follows is not read as a request', async () => {
    await sendAndBeRefused('nonsense\r\n\r\n');
    client.end(REQUEST);
    const answer = await text(client);
    expect([answer.match(/HTTP\/1\.1 \d+/g), answer.includes('read')]).toEqual([['HTTP/1.1 400'], false]);
  });

  it('is closed where its client does not end it', async () => {
    await sendAndBeRefused(LARGE_HEAD);
    const sending = setInterval(() => client.write('x'.repeat(10_000)), 100);
    client.on('error', () => {}).resume();
    await new Promise((resolve) => client.once('close', resolve));
    clearInterval(sending);
    expect(client.destroyed).toBe(true);
  });
});
