import type { OutgoingChange } from '../../work/follower.js';
import { formatLsn } from '../connect/lsn.js';
import { MessageReader } from './message-reader.js';
import { Relation, type Cell } from './relation.js';
import { encoderOf } from './values.js';

export interface DecodedTo {
  change(change: OutgoingChange): void;
  /** A transaction is complete. `end`: where the next one may begin; `at`: Unix ms. */
  commit(end: bigint, at: number): void;
}

export interface DecoderOptions {
  readonly datasource: string;
  /** In the ids: after a restore of the source its LSNs come again. */
  readonly generation: number;
  /** Tables of other schemas are ignored. */
  readonly schema: string;
  /** The primary key of a table with `REPLICA IDENTITY FULL`, which the stream does not name, and with these columns at this commit LSN. */
  readonly fullKey: (oid: number, columns: readonly string[], commit: bigint) => readonly string[];
  /** Tables whose rows were read after a transaction with this commit LSN: its changes of them are left out. */
  readonly readAfter: (xid: number, commit: bigint) => ReadonlySet<number> | undefined;
}

/** 2000-01-01 in Unix ms. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

/**
 * Makes changes of the messages of `pgoutput` (protocol 1), without objects for rows between: the text of each value goes into the JSON.
 * The number of a change counts within its transaction, so that it is the same when the transaction is sent again.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export class ChangesDecoder {
  private readonly relations = new Map<number, Relation | null>();
  private readonly types = new Map<number, string>();
  private idPrefix = '';
  private leftOut: ReadonlySet<number> | undefined;
  private transaction = '';
  private commit = 0n;
  private committedAt = 0;
  private n = 0;

  constructor(
    private readonly options: DecoderOptions,
    private readonly to: DecodedTo,
  ) {}

  read(buffer: Buffer): void {
    const reader = new MessageReader(buffer);
    switch (reader.byte()) {
      case 0x42: // B
        return this.begin(reader);
      case 0x49: // I
        return this.insert(reader);
      case 0x55: // U
        return this.update(reader);
      case 0x44: // D
        return this.delete(reader);
      case 0x43: // C
        reader.byte();
        reader.uint64();
        return this.to.commit(reader.uint64(), this.committedAt);
      case 0x52: // R
        return this.relation(reader);
      case 0x59: // Y
        return void this.types.set(reader.uint32(), typeName(reader));
      case 0x54: // T
        return this.truncate(reader);
      case 0x4f: // O: where a transaction comes from that was itself replicated
      case 0x4d: // M: a message of pg_logical_emit_message
        return;
      default:
        throw new RangeError('a message has an unknown type');
    }
  }

  private begin(reader: MessageReader): void {
    this.commit = reader.uint64();
    const lsn = formatLsn(this.commit);
    const micros = reader.uint64();
    this.committedAt = POSTGRES_EPOCH_MS + Number(micros / 1_000n);
    const digits = String(micros % 1_000n).padStart(3, '0');
    const committed = `${new Date(this.committedAt).toISOString().slice(0, -1)}${digits}Z`;
    const { datasource, generation } = this.options;
    this.idPrefix = `${datasource}:${lsn}:${generation}.`;
    this.transaction = `,"lsn":"${lsn}","committed_at":"${committed}","key":`;
    this.n = 0;
    this.leftOut = this.options.readAfter(reader.uint32(), this.commit);
  }

  private insert(reader: MessageReader): void {
    const relation = this.relationOf(reader);
    if (!relation) return;
    reader.byte();
    const after = this.tuple(reader, relation);
    this.emit(relation, 'insert', `${relation.key(after)},"before":null,"after":${relation.row(after)}`);
  }

  private update(reader: MessageReader): void {
    const relation = this.relationOf(reader);
    if (!relation) return;
    let kind = reader.byte();
    let before: Cell[] | undefined;
    let shown = 'null';
    if (kind === 0x4b || kind === 0x4f) {
      before = this.tuple(reader, relation);
      shown = kind === 0x4b ? relation.key(before) : relation.row(before);
      kind = reader.byte();
    }
    if (kind !== 0x4e) throw new RangeError('an update has no new row');
    const after = this.tuple(reader, relation);
    // The whole row before has the values that are not sent again.
    if (before) after.forEach((cell, index) => (after[index] = cell ?? this.kept(relation, before, index)));
    const row = `,"after":${relation.row(after)}${relation.unchanged(after)}`;
    this.emit(relation, 'update', `${relation.key(after, before)},"before":${shown}${row}`);
  }

  private kept(relation: Relation, before: readonly Cell[], index: number): Cell {
    const cell = before[index];
    // Of a key only, all else is null and means nothing.
    return cell === 'null' && !relation.columns[index]?.isKey ? undefined : cell;
  }

  private delete(reader: MessageReader): void {
    const relation = this.relationOf(reader);
    if (!relation) return;
    const kind = reader.byte();
    const before = this.tuple(reader, relation);
    const key = relation.key(before);
    this.emit(relation, 'delete', `${key},"before":${kind === 0x4b ? key : relation.row(before)},"after":null`);
  }

  private truncate(reader: MessageReader): void {
    const count = reader.int32();
    reader.byte();
    for (let index = 0; index < count; index++) {
      const relation = this.relationOf(reader);
      if (relation) this.emit(relation, 'truncate', 'null,"before":null,"after":null');
    }
  }

  private emit(relation: Relation, op: 'insert' | 'update' | 'delete' | 'truncate', rest: string): void {
    const id = this.idPrefix + String(this.n++);
    this.to.change({ id, key: relation.keyOf(op), body: relation.body(op, id, this.transaction + rest) });
  }

  private relationOf(reader: MessageReader): Relation | null {
    const oid = reader.uint32();
    const relation = this.relations.get(oid);
    if (relation === undefined) throw new RangeError('a change is of an unknown table');
    if (!this.leftOut?.has(oid)) return relation;
    // The other changes keep their ids.
    this.n += 1;
    return null;
  }

  private relation(reader: MessageReader): void {
    const oid = reader.uint32();
    // The name of `pg_catalog` is not sent.
    const schema = reader.cString() || 'pg_catalog';
    const table = reader.cString();
    const isFull = reader.byte() === 0x66;
    const sent = Array.from({ length: reader.int16() }, () => {
      const isKey = (reader.byte() & 1) === 1;
      const name = reader.cString();
      const type = reader.uint32();
      reader.int32();
      return { name, isKey, encode: encoderOf(type, this.types.get(type)) };
    });
    if (schema !== this.options.schema) return void this.relations.set(oid, null);
    const names = sent.map(({ name }) => name);
    const fullKey = isFull ? this.options.fullKey(oid, names, this.commit) : [];
    const columns = isFull ? sent.map((column) => ({ ...column, isKey: fullKey.includes(column.name) })) : sent;
    this.relations.set(oid, new Relation({ datasource: this.options.datasource, schema, table, columns }));
  }

  private tuple(reader: MessageReader, { columns }: Relation): Cell[] {
    const count = reader.int16();
    if (count !== columns.length) throw new RangeError('a row has other columns than its table');
    const cells: Cell[] = [];
    for (let index = 0; index < count; index++) {
      const kind = reader.byte();
      if (kind === 0x74) cells.push(columns[index]!.encode(reader.text(reader.int32())));
      else if (kind === 0x6e) cells.push('null');
      else if (kind === 0x75) cells.push(undefined);
      else throw new RangeError('a value has an unknown form');
    }
    return cells;
  }
}

/** Of a type that is not of `pg_catalog`; of a domain that of the type below it. */
function typeName(reader: MessageReader): string {
  reader.cString();
  return reader.cString();
}
