import { once } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from '@signalbox/contracts/http';
import { type ConnectionTestReply } from '@signalbox/contracts/messages';
import { type Members } from '@signalbox/contracts/streams';
import { allowedTargetsOf } from '@signalbox/network-policy';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../../config.js';
import { testBigquery, testMotherduck, testSnowflake } from './cloud-warehouses.js';
import { testDuckdb } from './duckdb.js';
import { testMysql } from './mysql.js';
import { testPostgres } from './postgres.js';
import type { Trial } from './trial.js';
import { testTrino } from './trino.js';
import { withoutSecrets } from './without-secrets.js';

const DEADLINE_MS = 10_000;

/** Tests whether a connection connects. Nothing is stored, and the reply contains no credential. */
@Injectable()
export class ConnectionTester {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  async test(connection: Connection): Promise<ConnectionTestReply> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    try {
      // A driver that ignores the deadline is not waited for.
      await Promise.race([
        attempt(connection, { signal: deadline, rules: allowedTargetsOf(this.config) }),
        once(deadline, 'abort'),
      ]);
      deadline.throwIfAborted();
      return { status: 'ok', errorMessage: '' };
    } catch (error) {
      const text = deadline.aborted ? `There was no answer within ${DEADLINE_MS / 1_000} s.` : textOf(error);
      return { status: 'failed', errorMessage: withoutSecrets(text, connection as Members) };
    }
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
      return testDuckdb(connection.duckdbConnection ?? {}, trial);
    case 'bigquery':
      return testBigquery(connection.bigqueryConnection, trial);
    case 'snowflake':
      return testSnowflake(connection.snowflakeConnection, trial);
    case 'motherduck':
      return testMotherduck(trial);
  }
}

/** An AggregateError of several refused addresses has no message of its own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(textOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
