import { changeKey, type ChangeOp } from '@signalbox/contracts/messages';
import { quoted, type ValueEncoder } from './values.js';

export interface Column {
  readonly name: string;
  readonly isKey: boolean;
  readonly encode: ValueEncoder;
}

export interface RelationOptions {
  readonly datasource: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly Column[];
}

/** The value of a column as JSON; undefined: stored out of line, not changed and not sent. */
export type Cell = string | undefined;

/** How changes of one table are written. What is the same in each is made once. */
export class Relation {
  readonly columns: readonly Column[];
  private readonly hasKey: boolean;
  private readonly heads = new Map<ChangeOp, { key: string; head: string }>();
  /** `"name":` of each column. */
  private readonly labels: readonly string[];

  constructor(private readonly options: RelationOptions) {
    this.columns = options.columns;
    this.hasKey = options.columns.some(({ isKey }) => isKey);
    this.labels = options.columns.map(({ name }) => `${quoted(name)}:`);
  }

  /** The routing key, without the id of the datasource. */
  keyOf(op: ChangeOp): string {
    return this.headOf(op).key;
  }

  /** `rest`: the members after the table. */
  body(op: ChangeOp, id: string, rest: string): string {
    return `{"id":${quoted(id)}${this.headOf(op).head}${rest}}`;
  }

  row(cells: readonly Cell[]): string {
    let row = '';
    for (let index = 0; index < this.labels.length; index++) {
      const cell = cells[index];
      if (cell !== undefined) row += (row === '' ? '' : ',') + this.labels[index]! + cell;
    }
    return `{${row}}`;
  }

  /** Of the columns of the key; `null` where there are none. `other`: where `cells` lack one. */
  key(cells: readonly Cell[], other?: readonly Cell[]): string {
    if (!this.hasKey) return 'null';
    let key = '';
    for (let index = 0; index < this.columns.length; index++) {
      if (!this.columns[index]!.isKey) continue;
      key += `${key === '' ? '' : ','}${this.labels[index]!}${cells[index] ?? other?.[index] ?? 'null'}`;
    }
    return `{${key}}`;
  }

  /** `,"unchanged":[…]` of the columns that are not sent; nothing where all are. */
  unchanged(cells: readonly Cell[]): string {
    const names = this.columns.filter((_, index) => cells[index] === undefined).map(({ name }) => quoted(name));
    return names.length === 0 ? '' : `,"unchanged":[${names.join(',')}]`;
  }

  private headOf(op: ChangeOp): { key: string; head: string } {
    const known = this.heads.get(op);
    if (known) return known;
    const { datasource, schema, table } = this.options;
    const made = {
      key: changeKey({ datasource, schema, table, op }).slice(datasource.length + 1),
      head: `,"datasource":${quoted(datasource)},"source":"direct","op":"${op}","schema":${quoted(schema)},"table":${quoted(table)}`,
    };
    this.heads.set(op, made);
    return made;
  }
}
