import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { probe } from './probe.js';

/** What a probe says of a server that answers so. */
async function probed(listener: RequestListener, timeoutMs = 5_000): Promise<boolean> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return probe(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/health?a=1`), timeoutMs);
}

it.each([
  [200, true],
  [204, true],
  [299, true],
  [302, false],
  [404, false],
  [503, false],
])('takes %d for healthy: %s', async (status, isHealthy) => {
  const paths: (string | undefined)[] = [];
  const result = await probed((request, response) => {
    paths.push(request.url);
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
  expect([result, paths]).toEqual([isHealthy, ['/health?a=1']]);
});

it('reads a bounded part of a body that does not end', async () => {
  expect(
    await probed((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      more();
    }),
  ).toBe(true);
});

it('takes a server for unhealthy that does not answer in time, or not all of its body', async () => {
  expect(await probed(() => undefined, 100)).toBe(false);
  expect(await probed((_request, response) => void response.write('a'), 100)).toBe(false);
  expect(await probed((_request, response) => void response.destroy())).toBe(false);
  expect(await probe(new URL('http://127.0.0.1:1/'), 1_000)).toBe(false);
});
