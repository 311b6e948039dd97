import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The configuration that a reader sent last. Not a column of `reader`, whose rows are written again with the receive times. */
@Entity({ name: 'reader_config' })
export class ReaderConfigRow {
  @PrimaryColumn({ type: 'integer' })
  partition!: number;

  @PrimaryColumn({ name: 'reader_id', type: 'text' })
  readerId!: string;

  @Column({ type: 'text' })
  digest!: string;

  @Column({ type: 'json' })
  config!: Record<string, unknown>;
}
