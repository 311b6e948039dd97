import { collectLogs } from '@signalbox/testing';
import { expect, it } from 'vitest';
import { ConnectionUrl } from './connection-url.js';

it('is that of now, with the heartbeat, as long as it names the same user', () => {
  const logs = collectLogs();
  let given = 'amqp://a:one@host/v';
  const url = new ConnectionUrl({ url: () => given, heartbeatSeconds: 5, logger: logs.logger });
  expect([url.user, url.now]).toEqual(['a', ['amqp://a:one@host/v?heartbeat=5']]);
  given = 'amqp://a:two@other,third/v';
  const two = ['amqp://a:two@other/v?heartbeat=5', 'amqp://a:two@third/v?heartbeat=5'];
  expect(url.now).toEqual(two);
  given = 'amqp://b:canary@host/v';
  expect([url.now, url.now]).toEqual([two, two]);
  expect(logs.lines).toHaveLength(1);
});

it('names another host at each try, and begins at any of them', () => {
  const { logger } = collectLogs();
  const url = new ConnectionUrl({ url: 'amqp://u@a,b,c/v', heartbeatSeconds: 5, logger });
  const firsts = new Set<string>();
  for (let round = 0; round < 200; round += 1) {
    const next = url.rotation();
    const hosts = Array.from({ length: 4 }, () => new URL(next()).hostname);
    expect([new Set(hosts).size, hosts[3]]).toEqual([3, hosts[0]]);
    firsts.add(hosts[0]!);
  }
  expect(firsts.size).toBe(3);
});
