import type { ReadinessAdvisory, ReadinessFailure } from '@signalbox/contracts/streams';
import type { DirectAssignment } from '../../work/assignment.js';
import { Deadline } from '../../work/deadline.js';
import type { CheckResult } from '../../work/follower.js';
import { explain } from '../connect/explain.js';
import { openClient } from '../connect/open-client.js';
import { SourceProblem } from '../connect/source-problem.js';
import { advisoriesOf, failuresOf } from './readiness.rules.js';
import { readFacts } from './source-facts.js';

const DEADLINE_MS = 10_000;
/** More than the facts of ten thousand tables. */
const MAX_BYTES = 8 * 1_048_576;

/** Connects as a client and as a reader of the WAL, and looks at all that following needs. Never rejects. */
export async function checkPostgres(
  assignment: DirectAssignment,
  signal: AbortSignal,
  deadlineMs = DEADLINE_MS,
): Promise<CheckResult> {
  const startedAt = performance.now();
  const deadline = new Deadline(signal, deadlineMs);
  const ended = await look(assignment, deadline.signal)
    .catch((error: unknown) => endedBy(deadline.isOver ? TOO_SLOW : explain(error)))
    .finally(() => deadline.end());
  return { ...ended, duration_ms: Math.round(performance.now() - startedAt) };
}

type Ended = Omit<CheckResult, 'duration_ms'>;

const TOO_SLOW = new SourceProblem('unreachable', 'timeout', {
  message: 'The server did not answer all questions in time.',
  fix: 'See that the server is running and is not overloaded.',
});

function endedBy(problem: SourceProblem): Ended {
  return {
    outcome: problem.kind === 'unreachable' ? 'unreachable' : 'refused',
    credentialsRefused: problem.code === 'login_refused',
    failures: [{ item: problem.item, actual: problem.message, fix: problem.fix }],
    advisories: [],
  };
}

async function look(assignment: DirectAssignment, signal: AbortSignal): Promise<Ended> {
  const { source } = assignment;
  const options = { signal, maxBytes: MAX_BYTES };
  const line = await openClient(assignment, options);
  let failures: ReadinessFailure[];
  let advisories: ReadinessAdvisory[];
  try {
    const facts = await readFacts(line.client, source);
    failures = failuresOf(facts, source);
    advisories = [...advisoriesOf(facts, source, line)];
  } finally {
    line.close();
  }
  // The role is known to lack the privilege: the server would say it once more.
  if (!failures.some(({ item }) => item === 'replication_role')) {
    const refusal = await tryReplication(assignment, options);
    if (refusal && !failures.some(({ item }) => item === refusal.item)) failures.push(refusal);
  }
  return { outcome: failures.length === 0 ? 'ready' : 'refused', credentialsRefused: false, failures, advisories };
}

/** A pooler, `pg_hba.conf` and the number of WAL senders show only when it is tried. */
async function tryReplication(
  assignment: DirectAssignment,
  options: { signal: AbortSignal; maxBytes: number },
): Promise<ReadinessFailure | undefined> {
  try {
    const line = await openClient(assignment, { ...options, replication: true });
    try {
      await line.client.query('IDENTIFY_SYSTEM');
      return undefined;
    } finally {
      line.close();
    }
  } catch (error) {
    if (options.signal.aborted) throw error;
    const problem = explain(error);
    const item = problem.code === 'permission_denied' ? 'replication_role' : problem.item;
    return { item, actual: `A connection for replication fails: ${problem.message}`, fix: problem.fix };
  }
}
