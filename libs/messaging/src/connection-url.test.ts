import { collectLogs } from '@signalbox/testing';
import { expect, it } from 'vitest';
import { ConnectionUrl } from './connection-url.js';

it('is that of now, with the heartbeat, as long as it names the same user', () => {
  const logs = collectLogs();
  let given = 'amqp://a:one@host/v';
  const url = new ConnectionUrl({ url: () => given, heartbeatSeconds: 5, logger: logs.logger });
  expect([url.user, url.now]).toEqual(['a', 'amqp://a:one@host/v?heartbeat=5']);
  given = 'amqp://a:two@other/v';
  expect(url.now).toBe('amqp://a:two@other/v?heartbeat=5');
  given = 'amqp://b:canary@host/v';
  expect([url.now, url.now]).toEqual(['amqp://a:two@other/v?heartbeat=5', 'amqp://a:two@other/v?heartbeat=5']);
  expect(logs.lines).toHaveLength(1);
});
