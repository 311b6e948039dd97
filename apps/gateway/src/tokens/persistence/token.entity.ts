import type { Role } from '@signalbox/contracts/http';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A token without the token itself, which is not stored. Its row is deleted some time after it has expired. */
@Entity({ name: 'token' })
export class TokenRow {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ name: 'key_id', type: 'text' })
  keyId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  role!: Role;

  /** Empty: all that the role may do. */
  @Column({ type: 'jsonb' })
  scopes!: string[];

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'created_by', type: 'text' })
  createdBy!: string;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;
}
