import { createLogger } from '@signalbox/platform';
import { expect, test } from 'vitest';
import { NestLogger } from './nest-logger.js';

test("writes Nest's informational lines at level debug, and its errors with stack and context", () => {
  const lines: object[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as object) };
  const nest = new NestLogger(createLogger({ name: 'test', level: 'debug', destination }));
  nest.log('Nest application successfully started', 'NestApplication');
  nest.warn('careful', 'Router');
  nest.error('it broke', 'Error: it broke\n  at x', 'ExceptionHandler');
  nest.error(new Error('thrown'), 'ExceptionHandler');
  expect(lines).toMatchObject([
    { level: 'debug', context: 'NestApplication', msg: 'Nest application successfully started' },
    { level: 'warn', context: 'Router', msg: 'careful' },
    { level: 'error', context: 'ExceptionHandler', stack: 'Error: it broke\n  at x', msg: 'it broke' },
    { level: 'error', context: 'ExceptionHandler', err: { message: 'thrown' }, msg: 'thrown' },
  ]);
});
