import type { KeyKind, KeyMode, Role } from '@signalbox/contracts/http';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An API key without the key itself, which is not stored. A revoked key keeps its row, so that it stays visible. */
@Entity({ name: 'api_key' })
export class ApiKeyRow {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  role!: Role;

  @Column({ type: 'text' })
  kind!: KeyKind;

  @Column({ type: 'text' })
  mode!: KeyMode;

  /** Empty: all that the role may do. */
  @Column({ type: 'jsonb' })
  scopes!: string[];

  /** In CIDR notation; empty: any. */
  @Column({ type: 'jsonb' })
  networks!: string[];

  /** The id of an account. */
  @Column({ type: 'text' })
  account!: string;

  /** Of a key of kind `reader`: which ids. */
  @Column({ type: 'text', nullable: true })
  readers!: string | null;

  /** Of a key of kind `agent`. */
  @Column({ type: 'text', nullable: true })
  dataplane!: string | null;

  @Column({ type: 'text', unique: true })
  sha256!: string;

  @Column({ type: 'text' })
  hint!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  /** The id of the key that replaces it. */
  @Column({ name: 'rotated_to', type: 'text', nullable: true })
  rotatedTo!: string | null;

  /** The id of the key that it replaces. */
  @Column({ name: 'rotated_from', type: 'text', nullable: true })
  rotatedFrom!: string | null;

  /** Written in batches, see `KeyUse`. */
  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;
}
