import { ConfigError } from '@signalbox/platform';
import { expect, test } from 'vitest';
import { explainDatabaseError, isTemporary, isUnavailable } from './database.errors.js';

const failure = (code: string | undefined, message = 'failed'): Error =>
  Object.assign(new Error(message), code && { code });

test.each([
  ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432', true],
  ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN postgres', true],
  ['57P03', 'the database system is starting up', true],
  ['57P01', 'terminating connection due to administrator command', true],
  ['53300', 'sorry, too many clients already', true],
  [undefined, 'Connection terminated unexpectedly', true],
  [undefined, 'timeout expired', true],
  ['28P01', 'password authentication failed for user "x"', false],
  ['3D000', 'database "x" does not exist', false],
  ['42P07', 'relation "thing" already exists', false],
  ['57014', 'canceling statement due to statement timeout', false],
  [undefined, 'a mistake in a migration', false],
])('%s (%s): is temporary: %s', (code, message, passing) => {
  expect(isTemporary(failure(code, message))).toBe(passing);
});

test.each([
  ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432', true],
  ['57014', 'canceling statement due to statement timeout', true],
  ['40P01', 'deadlock detected', true],
  ['55P03', 'canceling statement due to lock timeout', true],
  ['28P01', 'password authentication failed for user "x"', false],
  ['23505', 'duplicate key value violates unique constraint', false],
  [undefined, 'a mistake', false],
])('%s (%s): nothing was changed and a later attempt may succeed: %s', (code, message, unavailable) => {
  expect(isUnavailable(failure(code, message))).toBe(unavailable);
});

test.each(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError'])(
  '%s: a temporary failure, as the connection was lost in the middle',
  (name) => {
    expect(isTemporary(Object.assign(failure(undefined, 'Query runner already released.'), { name }))).toBe(true);
  },
);

test('explains what DATABASE_URL gets wrong without showing the password', () => {
  const explained = explainDatabaseError(
    failure('28P01', 'password authentication failed for user "u"'),
    'postgres://u:hunter2@h/d',
  );
  expect(explained).toBeInstanceOf(ConfigError);
  expect((explained as ConfigError).message).toBe(
    'The database at postgres://u:***@h/d refuses the user of DATABASE_URL: password authentication failed for user "u"',
  );
  const other = failure('42P07');
  expect(explainDatabaseError(other, 'postgres://h/d')).toBe(other);
});
