import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './config.error.js';
import { envSecret } from './env-variables.js';
import { envBoolean, envInteger, envPort, serviceEnv } from './env.js';
import { loadConfig } from './load-config.js';

const schema = z.object({
  ...serviceEnv,
  PORT: envPort().default(8080),
  PARTITIONS: envInteger({ min: 1, max: 16 }),
  VERBOSE: envBoolean().default(false),
  CHECK_INTERVAL: envInteger({ min: 0, max: 60 }).optional(),
});

const urls = {
  DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/signalbox',
  RABBITMQ_URL: 'amqp://u:p@127.0.0.1/signalbox',
};

/** The message for the operator when `env` is refused. */
function messageFor(env: Record<string, string>): string {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  test('converts texts to values and adds defaults', () => {
    expect(loadConfig(schema, { ...urls, PARTITIONS: '4', VERBOSE: 'On', UNRELATED: 'x' })).toEqual({
      ...urls,
      BROKER_SENDERS: 'checked',
      LOG_LEVEL: 'info',
      SIGNALBOX_MANAGEMENT_HOST: '127.0.0.1',
      SIGNALBOX_MANAGEMENT_PORT: 0,
      PORT: 8080,
      PARTITIONS: 4,
      VERBOSE: true,
    });
  });

  test('treats an empty value as not set', () => {
    expect(loadConfig(schema, { ...urls, PARTITIONS: '1', PORT: '', CHECK_INTERVAL: '' }).PORT).toBe(8080);
  });

  test('lists all problems, each with the value and the expected value', () => {
    expect(
      messageFor({ ...urls, PORT: '99999', VERBOSE: 'maybe', LOG_LEVEL: 'loud', CHECK_INTERVAL: '1.5' }).split('\n'),
    ).toEqual([
      'The configuration is not valid:',
      '  LOG_LEVEL: got "loud"; expected one of fatal, error, warn, info, debug, trace, silent',
      '  PORT: got "99999"; expected a whole number from 0 to 65535',
      '  PARTITIONS: is not set; expected a whole number from 1 to 16',
      '  VERBOSE: got "maybe"; expected true or false (1/0, on/off and yes/no work too)',
      '  CHECK_INTERVAL: got "1.5"; expected a whole number from 0 to 60',
    ]);
  });

  test('has each problem by itself, for who lists those of several services', () => {
    const problems = () => loadConfig(schema, { ...urls, PARTITIONS: '0', PORT: 'x' });
    expect(problems).toThrow(
      expect.objectContaining({
        problems: [
          'PORT: got "x"; expected a whole number from 0 to 65535',
          'PARTITIONS: got "0"; expected a whole number from 1 to 16',
        ],
      }),
    );
  });

  test('does not show a value that may contain a secret', () => {
    const message = messageFor({ DATABASE_URL: 'mysql://u:hunter2@h/db', RABBITMQ_URL: 'hunter2', PARTITIONS: '1' });
    expect(message).not.toContain('hunter2');
    expect(message).toContain(
      'DATABASE_URL: is set (value not shown); expected a URL that starts with postgres:// or postgresql://',
    );
    expect(message).toContain(
      'RABBITMQ_URL: is set (value not shown); expected a URL that starts with amqp:// or amqps://',
    );
  });

  test.each(['', ' ', '0x10', '1e3', '-1', '17', 'NaN'])('%j is no partition count', (text) => {
    expect(messageFor({ ...urls, PARTITIONS: text })).toContain('PARTITIONS: ');
  });
});

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'load-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileWith = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const broker = { RABBITMQ_URL: urls.RABBITMQ_URL, PARTITIONS: '1' };

  test.each(['', '\n', '\r\n'])('is read without the line break at its end: %j', (end) => {
    const file = fileWith('url', `${urls.DATABASE_URL}${end}`);
    expect(loadConfig(schema, { ...broker, DATABASE_URL: '', DATABASE_URL_FILE: file }).DATABASE_URL).toBe(
      urls.DATABASE_URL,
    );
  });

  test('loses one line break only', () => {
    const secret = z.object({ PASSWORD: envSecret(z.string()).optional().describe('x') });
    const file = fileWith('password', ' a b \n\n');
    expect(loadConfig(secret, { PASSWORD_FILE: file })).toEqual({ PASSWORD: ' a b \n' });
  });

  test('is refused beside the variable itself, and where it is missing or empty, with its path', () => {
    const empty = fileWith('empty', '\n');
    const missing = join(folder, 'missing');
    const expectation = (problem: string): string => `The configuration is not valid:\n  ${problem}`;
    expect(messageFor({ ...broker, ...urls, DATABASE_URL_FILE: empty })).toBe(
      expectation(`DATABASE_URL_FILE: got "${empty}"; DATABASE_URL is set too: set one of the two`),
    );
    expect(messageFor({ ...broker, DATABASE_URL_FILE: empty })).toBe(
      expectation(`DATABASE_URL_FILE: got "${empty}"; the file is empty`),
    );
    expect(messageFor({ ...broker, DATABASE_URL_FILE: missing })).toMatch(
      /DATABASE_URL_FILE: got "\/.+missing"; the file cannot be read: ENOENT.*Check that it is there/,
    );
  });

  test('is checked as the variable is, and not shown', () => {
    const message = messageFor({ ...broker, DATABASE_URL_FILE: fileWith('wrong', 'mysql://u:hunter2@h/db') });
    expect(message).toContain('DATABASE_URL: is set (value not shown); expected a URL');
    expect(message).not.toContain('hunter2');
  });

  test('is for secrets only: other variables have no file', () => {
    expect(() => loadConfig(schema, { ...broker, ...urls, PORT_FILE: join(folder, 'missing') })).not.toThrow();
  });
});
