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

answerJobs(async () => {
  const answer: TrialAnswer = await runStatement().then(
    () => ({ status: 'ok', errorMessage: '' }),
    (error: unknown) => ({ status: 'failed', errorMessage: textOf(error) }),
  );
  return { answer };
});
