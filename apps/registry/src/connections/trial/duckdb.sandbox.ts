import { DuckDBInstance } from '@duckdb/node-api';
import { answerJobs } from '@signalbox/sandbox/jobs';
import { textOf } from './text-of.js';
import type { TrialAnswer } from './trial-protocol.js';

/** Runs a statement in DuckDB, in memory, without access to files and network. */
async function runStatement(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', {
    enable_external_access: 'false',
    threads: '1',
    max_memory: '64MB',
  });
  try {
    const connection = await instance.connect();
    await connection.run('SELECT 1');
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

answerJobs(() =>
  runStatement().then(
    (): TrialAnswer => ({ status: 'ok', errorMessage: '' }),
    (error: unknown): TrialAnswer => ({ status: 'failed', errorMessage: textOf(error) }),
  ),
);
