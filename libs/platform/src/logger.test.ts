import { expect, test } from 'vitest';
import { createLogger } from './logger.js';
import { redactUrl } from './redact.js';

function collectingLogger() {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  return { logger, lines };
}

test('writes no secret: of a field, of an error, of a URL', () => {
  const { logger, lines } = collectingLogger();
  const secret = 'hunter2';
  logger.info({ headers: { authorization: secret, 'x-api-key': secret } }, `connecting to amqp://u:${secret}@h/vhost`);
  logger.error({
    err: new Error(`connect postgres://u:${secret}@h/db?password=${secret} failed`),
    req: { headers: { 'X-Api-Key': secret } },
  });
  logger.warn({ password: secret, options: { password: secret } }, `key sk_live_${secret} refused`);
  logger.child({ token: secret }).info('child');
  logger.error({
    err: Object.assign(new Error('duplicate key', { cause: new Error('row') }), {
      code: '23505',
      parameters: [secret],
    }),
  });
  expect(lines).toHaveLength(5);
  expect(JSON.stringify(lines)).not.toContain(secret);
  expect(lines[4]).toMatchObject({ err: { type: 'Error', message: 'duplicate key: row', code: '23505' } });
  expect(lines[0]).toMatchObject({ name: 'test', level: 'info', msg: 'connecting to amqp://u:***@h/vhost' });
});

test('writes no signed token, wherever it stands', () => {
  const { logger, lines } = collectingLogger();
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJrZXlfMSJ9.c2lnbmF0-dXJl_';
  logger.info({ path: `/v1/tokens/${token}` }, `DELETE /v1/tokens/${token} answered`);
  expect(lines).toMatchObject([{ path: '/v1/tokens/eyJ***', msg: 'DELETE /v1/tokens/eyJ*** answered' }]);
});

test.each([
  ['amqp://u:p@h:5672/v', 'amqp://u:***@h:5672/v'],
  ['postgres://u:p@ss:w@h/db', 'postgres://u:***@h/db'],
  ['https://h/p?token=t&x=1', 'https://h/p?token=***&x=1'],
  ['https://h:443/a@b', 'https://h:443/a@b'],
  ['amqp://h/v', 'amqp://h/v'],
])('%s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});
