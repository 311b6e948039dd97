import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ReaderState, ReaderProfile } from '../../liveness/reader.js';

/** What is kept of a reader across restarts of this service. */
@Entity({ name: 'reader' })
export class ReaderRow {
  @PrimaryColumn({ type: 'integer' })
  partition!: number;

  @PrimaryColumn({ name: 'reader_id', type: 'text' })
  readerId!: string;

  @Column({ type: 'text' })
  state!: ReaderState;

  @Column({ type: 'timestamptz' })
  since!: Date;

  @Column({ name: 'boot_id', type: 'text', nullable: true })
  bootId!: string | null;

  @Column({ type: 'bigint', nullable: true })
  seq!: string | null;

  @Column({ name: 'ended_boots', type: 'jsonb' })
  endedBoots!: string[];

  /** Unix ms. */
  @Column({ type: 'jsonb' })
  changes!: number[];

  @Column({ name: 'flapping_since', type: 'timestamptz', nullable: true })
  flappingSince!: Date | null;

  @Column({ type: 'jsonb' })
  profile!: Omit<ReaderProfile, 'backend'> & Partial<Pick<ReaderProfile, 'backend'>>;

  @Column({ name: 'heard_at', type: 'timestamptz' })
  receivedAt!: Date;

  /** The epoch of the owner that wrote the row. An owner that was replaced cannot write. */
  @Column({ type: 'bigint' })
  epoch!: string;
}
