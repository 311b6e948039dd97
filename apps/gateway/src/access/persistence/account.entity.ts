import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'account' })
export class AccountRow {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  /** The name of a tier. */
  @Column({ type: 'text' })
  tier!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
