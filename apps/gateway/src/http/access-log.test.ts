import { collectLogs } from '@signalbox/testing';
import { createLogger } from '@signalbox/platform';
import { expect, it } from 'vitest';
import { AccessLog } from './access-log.js';

const silent = (level: 'info' | 'debug') =>
  createLogger({ name: 'test', level, destination: { write: () => undefined } });

it('is there only where a line would be written', () => {
  expect(AccessLog.of({ logger: silent('info'), isOn: false })).toBeUndefined();
  expect(AccessLog.of({ logger: silent('debug'), isOn: false })).toBeInstanceOf(AccessLog);
  expect(AccessLog.of({ logger: silent('info'), isOn: true })).toBeInstanceOf(AccessLog);
});

it('writes no query and no endless path', () => {
  const { logger, lines } = collectLogs();
  const request = { method: 'GET', url: `/${'a'.repeat(5_000)}?code=CANARY`, socket: { remoteAddress: '::1' } };
  AccessLog.of({ logger, isOn: true })?.write(request as never, {
    route: '(none)',
    status: 404,
    ms: 1.23456,
    bytes: undefined,
    keyId: undefined,
    requestId: 'req_1',
  });
  expect(lines).toMatchObject([{ path: `/${'a'.repeat(999)}`, ms: 1.235, status: 404, address: '::1', key_id: null }]);
  expect(JSON.stringify(lines)).not.toContain('CANARY');
});
