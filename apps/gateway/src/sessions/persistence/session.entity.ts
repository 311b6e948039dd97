import type { Role } from '@signalbox/contracts/http';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A session without its secret, which only the browser has. */
@Entity({ name: 'session' })
export class SessionRow {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text', unique: true })
  sha256!: string;

  @Column({ type: 'text' })
  person!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  role!: Role;

  /** The id of an account. */
  @Column({ type: 'text' })
  account!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'idle_expires_at', type: 'timestamptz' })
  idleExpiresAt!: Date;
}
