import type { Client } from 'pg';
import type { DirectAssignment } from '../../work/assignment.js';
import type { FollowerHost } from '../../work/follower.js';
import { parseLsn } from '../connect/lsn.js';
import { openClient, type SourceClient } from '../connect/open-client.js';
import { silentFor } from '../connect/open-socket.js';
import { SourceProblem } from '../connect/source-problem.js';
import { publishedTables, type PublishedTable } from '../snapshot/published-tables.js';
import { followWal } from './follow-wal.js';
import type { FullKeys } from './full-keys.js';
import { sayingWhatIsOpen } from './open-transactions.js';
import { measure } from './monitor.js';
import type { Position } from './position.js';
import type { Progress } from './progress.js';
import { publish } from './publish.js';
import { stillAhead } from './rows-read.js';
import { advanceSlot, createSlot, dropSlot, findSlot, slotLost } from './slot.js';
import { PATIENCE, takeSnapshot } from './take-snapshot.js';

export interface SessionOptions {
  readonly assignment: DirectAssignment;
  readonly host: FollowerHost;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly silenceMs: number;
  /** Of this generation; undefined: nothing was read yet. */
  readonly position: Position | undefined;
  readonly onPosition: (position: Position) => void;
  /** All rows were read. */
  readonly onStreaming: () => void;
  /** Of all attempts. */
  readonly fullKeys: FullKeys;
}

/** One attempt: the slot, the rows that were not read yet, then the WAL, until the signal is aborted. @throws when it cannot go on */
export async function runSession(options: SessionOptions): Promise<void> {
  const begun = (options.position && (await resume(options, options.position))) ?? (await begin(options));
  const { host } = options;
  let { position } = begun;
  if (begun.tables.some(({ oid, member }) => position.done[oid] !== member)) {
    const startedAt = host.clock.monotonic();
    position = await takeSnapshot({ ...options, ...begun, from: position, onTaken: () => begun.release() }).finally(
      begun.release,
    );
    options.onPosition(position);
    host.attempt({
      kind: 'snapshot',
      outcome: 'succeeded',
      duration_ms: Math.round(host.clock.monotonic() - startedAt),
      published: 0,
      error: null,
    });
  } else begun.release();
  options.onStreaming();
  await followWal({ ...options, position, confirmed: begun.confirmed });
}

interface Begun {
  readonly position: Position;
  readonly confirmed: string;
  readonly tables: readonly PublishedTable[];
  readonly exported: string | undefined;
  /** Ends the connection that keeps the exported snapshot. */
  readonly release: () => void;
}

/** @returns undefined: it has to begin again, with another slot */
async function resume(options: SessionOptions, stored: Position): Promise<Begun | undefined> {
  const { assignment, host, signal, silenceMs, onPosition } = options;
  const { source } = assignment;
  const line = await openClient(assignment, { signal, silenceMs });
  try {
    const tables = await lookUpTables(line.client, options);
    // A row without a key that is read cannot be distinguished from the one that the slot sends. The snapshot of another slot does not have both; also
    // where the former slot was dropped for it already.
    const isUnread = ({ oid, member }: PublishedTable): boolean => stored.done[oid] !== member;
    if (stored.isFirst && tables.some((table) => table.key.length === 0 && isUnread(table))) return undefined;
    const slot = await findSlot(line.client, source.slot);
    if (!slot?.isUsable || slot.confirmed === null) throw slotLost(source.slot, slot);
    const members = new Map(tables.map(({ oid, member }) => [oid, member]));
    // What was taken out of the publication is read again when it is put back: its changes between are not in the stream.
    const done = Object.fromEntries(Object.entries(stored.done).filter(([oid, member]) => members.get(oid) === member));
    const isPublicationNew = Object.keys(done).length === 0 && Object.keys(stored.done).length > 0;
    // The server reads all the WAL between before it answers.
    line.expect('the slot was moved', PATIENCE * silenceMs);
    // The publication was made again. Servers before PostgreSQL 18 cannot decode what was written without it, and all tables are read after this.
    const confirmed = isPublicationNew ? await advanceSlot(line.client, source.slot) : slot.confirmed;
    const current = isPublicationNew ? null : stored.current;
    const readWith = stillAhead(stored.readWith, confirmed);
    const position = { ...stored, done, readWith, current, lsn: current ? stored.lsn : confirmed };
    if (Object.keys(done).length < Object.keys(stored.done).length) await publish(host, { changes: [], position });
    onPosition(position);
    return { position, confirmed, tables, exported: undefined, release: () => undefined };
  } finally {
    line.close();
  }
}

async function begin(options: SessionOptions): Promise<Begun> {
  const { assignment, host, progress, signal, silenceMs, onPosition } = options;
  const { source, generation } = assignment;
  const line = await openClient(assignment, { signal, silenceMs });
  let replication: SourceClient | undefined;
  try {
    const tables = await lookUpTables(line.client, options);
    // One of an earlier generation, or one that was made just before its position could be stored: nothing was read from it.
    await dropSlot(line.client, source.slot);
    const opened = await openClient(assignment, { signal, silenceMs, replication: true });
    replication = opened;
    opened.expect('the slot was created', Infinity);
    const { lsn, snapshot } = await sayingWhatIsOpen(
      {
        client: line.client,
        slot: source.slot,
        clock: host.clock,
        silenceMs,
        onWaiting: (open) => progress.waiting(open),
        onSilent: () => opened.socket.destroy(silentFor(silenceMs, 'the slot was created')),
      },
      () => createSlot(opened.client, source.slot),
    );
    const position: Position = {
      generation,
      slot: source.slot,
      lsn,
      isFirst: true,
      done: {},
      readWith: {},
      current: null,
      ended: null,
    };
    await publish(host, { changes: [], position });
    onPosition(position);
    return { position, confirmed: lsn, tables, exported: snapshot, release: () => opened.close() };
  } catch (error) {
    replication?.close();
    throw error;
  } finally {
    line.close();
  }
}

async function lookUpTables(client: Client, { assignment, fullKeys }: SessionOptions): Promise<PublishedTable[]> {
  const { source } = assignment;
  const { sourceLsn } = await measure(client, source.slot);
  const tables = await publishedTables(client, source);
  fullKeys.lookedUp(tables, parseLsn(sourceLsn ?? '0/0'));
  if (tables.length > 0) return tables;
  throw new SourceProblem('blocked', 'publication_missing', {
    item: 'publication',
    message: `There is no publication ${source.publication}, or it has no table of the schema ${source.schema}.`,
    fix: 'Create the publication with the tables of the schema again: rows are read again then, since changes between are not known.',
  });
}
