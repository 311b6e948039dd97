import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { freePort, isPortFree } from './ports.js';
import { requirePort } from './require-port.js';

it('returns the preferred port if it is free, else another one, and never the same port twice', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await isPortFree(port)).toBe(false);
  expect(await freePort({ prefer: port })).not.toBe(port);
  await expect(requirePort('RabbitMQ', port)).rejects.toThrow(new RegExp(`Port ${port} .* RabbitMQ.* taken`));
  await new Promise((resolve) => server.close(resolve));
  expect(await freePort({ prefer: port })).toBe(port);
  const many = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(many.every((each) => each >= 10_000 && each < 32_768)).toBe(true);
  expect(new Set(many).size).toBe(50);
});
