import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from '@signalbox/contracts/http';
import { connectionTestReply, type ConnectionTestReply } from '@signalbox/contracts/messages';
import type { Members } from '@signalbox/contracts/streams';
import { allowedTargetsOf } from '@signalbox/network-policy';
import { CONFIG } from '@signalbox/platform';
import { JobDied } from '@signalbox/sandbox';
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { JobKind } from '../../jobs/job-kinds.js';
import { JobPools } from '../../jobs/job-pools.js';
import { whatHappened } from '../../jobs/what-happened.rules.js';
import { targetOf } from './target-of.rules.js';
import { MAX_ERROR_CHARS, type TrialAnswer, type TrialJob } from './trial-protocol.js';
import { withoutSecrets } from './without-secrets.js';

const DEADLINE_MS = 10_000;
/** A driver that does not come back by itself is ended. */
const ENDED_AFTER_MS = DEADLINE_MS + 2_000;

/** A program that a stranger has taken over may answer anything. */
const trialAnswer = connectionTestReply.extend({ errorMessage: z.string().max(MAX_ERROR_CHARS) });

/** Tests whether a connection connects, in processes made for it. Nothing is stored, and the reply contains no credential. */
@Injectable()
export class ConnectionTester {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly jobs: JobPools,
  ) {}

  /** @param caller whose turn it takes @throws RequestRefused: busy */
  async test(connection: Connection, caller: string): Promise<ConnectionTestReply> {
    const { status, errorMessage } = await this.attempt(connection, caller);
    return { status, errorMessage: withoutSecrets(errorMessage, connection as Members) };
  }

  private async attempt(connection: Connection, caller: string): Promise<TrialAnswer> {
    const target = targetOf(connection);
    if (connection.type === 'duckdb') {
      const answer = await this.run('duckdb', { caller, target: 'DuckDB', message: null });
      const { attachedDatabases = [] } = connection.duckdbConnection ?? {};
      // It has run, or it has failed without an attached database.
      if (answer.status === 'failed' || attachedDatabases.length === 0) return answer;
    }
    const job: TrialJob = { connection, target, targets: allowedTargetsOf(this.config), withinMs: DEADLINE_MS };
    return this.run('connection_test', { caller, target, message: job });
  }

  private async run(
    kind: JobKind,
    { caller, target, message }: { caller: string; target: string; message: unknown },
  ): Promise<TrialAnswer> {
    const ended = (error: Pick<JobDied, 'reason' | 'detail'>): TrialAnswer => ({
      status: 'failed',
      errorMessage: `The test of ${target} was ended: ${whatHappened(error, this.jobs.memoryOf(kind))}.`,
    });
    try {
      const { data } = trialAnswer.safeParse(await this.jobs.run(kind, { caller, message, withinMs: ENDED_AFTER_MS }));
      return data ?? ended({ reason: 'misbehaved', detail: undefined });
    } catch (error) {
      if (error instanceof JobDied) return ended(error);
      throw error;
    }
  }
}
