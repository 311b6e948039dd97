import { once } from 'node:events';
import type { Connection } from '@signalbox/contracts/http';
import { testBigquery, testMotherduck, testSnowflake } from './cloud-warehouses.js';
import { testAttached } from './duckdb-attached.js';
import { testMysql } from './mysql.js';
import { testPostgres } from './postgres.js';
import { textOf } from './text-of.js';
import type { Trial } from './trial.js';
import type { TrialAnswer, TrialJob } from './trial-protocol.js';
import { testTrino } from './trino.js';

/** Tests whether a connection connects. In a process of its own: the drivers read what a stranger sends. */
export async function tryConnection({ connection, target, targets, withinMs }: TrialJob): Promise<TrialAnswer> {
  const deadline = AbortSignal.timeout(withinMs);
  try {
    // A driver that ignores the deadline is not waited for.
    await Promise.race([attempt(connection, { signal: deadline, rules: targets }), once(deadline, 'abort')]);
    deadline.throwIfAborted();
    return { status: 'ok', errorMessage: '' };
  } catch (error) {
    const late = `There was no answer from ${target} within ${withinMs / 1_000} s.`;
    return { status: 'failed', errorMessage: deadline.aborted ? late : textOf(error) };
  }
}

function attempt(connection: Connection, trial: Trial): Promise<void> {
  switch (connection.type) {
    case 'postgres':
      return testPostgres(connection.postgresConnection ?? {}, trial);
    case 'mysql':
      return testMysql(connection.mysqlConnection, trial);
    case 'trino':
      return testTrino(connection.trinoConnection, trial);
    case 'duckdb':
      return testAttached(connection.duckdbConnection ?? {}, trial);
    case 'bigquery':
      return testBigquery(connection.bigqueryConnection, trial);
    case 'snowflake':
      return testSnowflake(connection.snowflakeConnection, trial);
    case 'motherduck':
      return testMotherduck(trial);
  }
}
