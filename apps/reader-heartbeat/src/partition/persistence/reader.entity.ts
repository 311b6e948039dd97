import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ReaderLife, ReaderProfile } from '../../liveness/reader.js';

/** What a restart must not forget of a reader. */
@Entity({ name: 'reader' })
export class ReaderRow {
  @PrimaryColumn({ type: 'integer' })
  partition!: number;

  @PrimaryColumn({ name: 'reader_id', type: 'text' })
  readerId!: string;

  @Column({ type: 'text' })
  state!: ReaderLife;

  @Column({ type: 'timestamptz' })
  since!: Date;

  @Column({ name: 'boot_id', type: 'text', nullable: true })
  bootId!: string | null;

  @Column({ type: 'bigint', nullable: true })
  seq!: string | null;

  @Column({ name: 'ended_boots', type: 'jsonb' })
  endedBoots!: string[];

  @Column({ type: 'jsonb' })
  profile!: ReaderProfile;

  @Column({ name: 'heard_at', type: 'timestamptz' })
  heardAt!: Date;

  /** The epoch of the owner that wrote the row: one that was replaced writes no more. */
  @Column({ type: 'bigint' })
  epoch!: string;
}
