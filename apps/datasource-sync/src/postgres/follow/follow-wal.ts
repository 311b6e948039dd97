import { every } from '@signalbox/platform';
import { LogicalReplicationService } from 'pg-logical-replication';
import type { DirectAssignment } from '../../work/assignment.js';
import type { FollowerHost } from '../../work/follower.js';
import { formatLsn, parseLsn } from '../connect/lsn.js';
import { openLine } from '../connect/open-client.js';
import { silentFor } from '../connect/open-socket.js';
import { ChangesDecoder } from '../wal/changes-decoder.js';
import { WalPlugin } from '../wal/wal-plugin.js';
import type { FullKeys } from './full-keys.js';
import { Outgoing } from './outgoing.js';
import type { Position } from './position.js';
import type { Progress } from './progress.js';
import { publish } from './publish.js';
import { RowsRead } from './rows-read.js';

export interface FollowOptions {
  readonly assignment: DirectAssignment;
  readonly host: FollowerHost;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** What the slot says is acknowledged. */
  readonly confirmed: string;
  /** The status is sent twelve times in it, with a question. */
  readonly silenceMs: number;
  readonly fullKeys: FullKeys;
  readonly position: Position;
}

/** Between what is published and its acknowledgement: the server works for each. */
const ACKNOWLEDGE_MS = 50;

/** Publishes changes as they come. @returns the number that was published, when the signal is aborted. @throws when it cannot go on */
export async function followWal({
  assignment,
  host,
  progress,
  signal,
  confirmed,
  silenceMs,
  fullKeys,
  position,
}: FollowOptions): Promise<number> {
  const { source, id } = assignment;
  const line = await openLine(assignment, { signal });
  const service = new LogicalReplicationService(line.config, {
    acknowledge: { auto: false, timeoutSeconds: 0 },
    flowControl: { enabled: false },
  });
  let acknowledged = parseLsn(confirmed);
  let isAcknowledging = false;
  let isInTransaction = false;
  let isPaused = false;
  let receivedAt = host.clock.monotonic();
  let failure: unknown;

  // The library adds one to what it is given. The commit of the next transaction may begin exactly at the end of this one, and the server
  // would leave it out.
  const sendStatus = (asksForAnswer = false): void =>
    void service.acknowledge(formatLsn(acknowledged - 1n), asksForAnswer);
  const acknowledgeSoon = (): void => {
    if (isAcknowledging) return;
    isAcknowledging = true;
    host.clock.schedule(
      ACKNOWLEDGE_MS,
      () => {
        isAcknowledging = false;
        sendStatus();
      },
      { background: true },
    );
  };
  const acknowledge = (lsn: bigint): void => {
    if (lsn > acknowledged) acknowledged = lsn;
    progress.acknowledgedTo(acknowledged);
  };
  const fail = (error: unknown): void => {
    failure ??= error;
    line.socket.destroy();
  };
  const outgoing = new Outgoing({
    clock: host.clock,
    publish: (batch) => publish(host, batch),
    onFull: () => {
      isPaused = true;
      line.socket.pause();
    },
    onRoom: () => {
      isPaused = false;
      receivedAt = host.clock.monotonic();
      line.socket.resume();
    },
    onConfirmed: () => progress.confirmed(),
    onPublished: ({ lsn, at }) => {
      progress.published(at);
      if (lsn !== undefined) acknowledge(lsn);
      acknowledgeSoon();
    },
    onFailed: fail,
  });
  const rowsRead = new RowsRead(position.readWith);
  const decoder = new ChangesDecoder(
    {
      datasource: id,
      generation: assignment.generation,
      schema: source.schema,
      fullKey: (...table) => fullKeys.of(...table),
      readAfter: (xid, commit) => rowsRead.after(xid, commit),
    },
    {
      change: (change) => {
        isInTransaction = true;
        outgoing.add(change);
      },
      commit: (lsn, at) => {
        // Of a transaction without changes of ours nothing is newer than what was published.
        outgoing.markHere(isInTransaction ? { lsn, at } : { lsn });
        isInTransaction = false;
      },
    },
  );
  service.on('data', () => {
    line.received();
    receivedAt = host.clock.monotonic();
  });
  service.on('heartbeat', (lsn, _timestamp, shouldRespond) => {
    line.received();
    receivedAt = host.clock.monotonic();
    // Nothing that was sent is outstanding, so the server need not keep WAL for it, though no change of ours is there.
    if (outgoing.isEmpty && !isInTransaction) {
      acknowledge(parseLsn(lsn));
    }
    if (shouldRespond) sendStatus();
  });
  service.on('error', fail);
  service.on('start', () => progress.streaming());
  // Well below `wal_sender_timeout` (60 s), also while publishing is blocked and nothing is read.
  const stopStatus = every({ clock: host.clock, ms: silenceMs / 12, background: true }, () => {
    const isSilent = !isPaused && host.clock.monotonic() - receivedAt > silenceMs;
    if (isSilent) fail(silentFor(silenceMs, 'its WAL was read'));
    else sendStatus(true);
  });
  try {
    await service.subscribe(new WalPlugin({ publication: source.publication, decoder }), source.slot, confirmed);
    if (!signal.aborted) throw failure ?? new Error('the server ended the stream');
  } catch (error) {
    if (!signal.aborted) throw failure ?? line.socket.errored ?? error;
  } finally {
    stopStatus();
    outgoing.end();
    line.socket.destroy();
    await service.destroy();
  }
  return outgoing.published;
}
