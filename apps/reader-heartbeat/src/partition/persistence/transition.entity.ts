import type { TransitionReason } from '@signalbox/contracts/messages';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ReaderState } from '../../liveness/reader.js';

/** One step in the history of a reader, in whichever partition it was. */
@Entity({ name: 'reader_transition' })
export class TransitionRow {
  @PrimaryColumn({ type: 'integer' })
  partition!: number;

  @PrimaryColumn({ type: 'bigint' })
  epoch!: string;

  @PrimaryColumn({ type: 'bigint' })
  number!: string;

  /** Later steps of a reader have a larger one. */
  @Column({ type: 'bigint', insert: false })
  position!: string;

  @Column({ name: 'reader_id', type: 'text' })
  readerId!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ name: 'from_state', type: 'text', nullable: true })
  from!: ReaderState | null;

  @Column({ name: 'to_state', type: 'text', nullable: true })
  to!: ReaderState | null;

  @Column({ type: 'text' })
  why!: TransitionReason;

  @Column({ name: 'boot_id', type: 'text', nullable: true })
  bootId!: string | null;

  @Column({ name: 'silent_ms', type: 'bigint', nullable: true })
  silentMs!: string | null;
}
