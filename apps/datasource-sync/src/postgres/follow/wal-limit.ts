import type { DirectAssignment } from '../../work/assignment.js';
import type { FollowerHost } from '../../work/follower.js';
import { openClient } from '../connect/open-client.js';
import { SourceProblem } from '../connect/source-problem.js';
import type { Position } from './position.js';
import { publish } from './publish.js';
import { dropSlot } from './slot.js';

export const WAL_LIMIT = 'wal_limit_exceeded';

export const overLimit = ({ walLimitBytes }: DirectAssignment): SourceProblem =>
  new SourceProblem('blocked', WAL_LIMIT, {
    message: `The source had to keep more than ${walLimitBytes} bytes of WAL. The slot was dropped, so that its disk does not fill up.`,
    fix: 'Start over with POST /v1/datasources/{id}/resync: rows are read again. Until then no change is published.',
  });

/** Whether a slot retains more than it may. */
export class WalLimit {
  /** The slot of this generation. It stays so when the slot is dropped, which retains nothing. */
  isPassed = false;
  /** One from before this generation had a position: nothing of this generation is lost with it. */
  isPassedBefore = false;

  constructor(
    private readonly bytes: number,
    private hadPosition: boolean,
  ) {}

  /** `hasPosition`: whether this generation has one now. What was measured may be older. */
  measured(retainedBytes: number | null, hasPosition: boolean): void {
    const isOver = (retainedBytes ?? 0) > this.bytes;
    if (this.hadPosition) this.isPassed ||= isOver;
    else this.isPassedBefore = isOver && !hasPosition;
    this.hadPosition = hasPosition;
  }
}

export interface GivingUp {
  readonly assignment: DirectAssignment;
  readonly host: FollowerHost;
  readonly signal: AbortSignal;
}

/** The disk of the source comes first: the slot is dropped, and it is remembered that changes are missing from here on. */
export async function giveUp(options: GivingUp, last: Position): Promise<Position> {
  await dropOverLimit(options);
  const position = { ...last, ended: WAL_LIMIT };
  await publish(options.host, { changes: [], position });
  return position;
}

export async function dropOverLimit({ assignment, host, signal }: GivingUp): Promise<void> {
  const line = await openClient(assignment, { signal });
  try {
    await dropSlot(line.client, assignment.source.slot, { evenRead: true });
  } finally {
    line.close();
  }
  host.logger.error(
    { datasource: assignment.id, wal_limit_bytes: assignment.walLimitBytes },
    'dropped a slot that retained too much WAL',
  );
}
