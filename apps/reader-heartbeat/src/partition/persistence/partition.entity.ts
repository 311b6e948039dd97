import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Which epoch of a partition is the present one; only grows. */
@Entity({ name: 'partition' })
export class PartitionRow {
  @PrimaryColumn({ type: 'integer' })
  partition!: number;

  @Column({ type: 'bigint' })
  epoch!: string;
}
