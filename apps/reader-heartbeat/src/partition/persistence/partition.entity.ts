import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The present epoch of a partition; it only grows. */
@Entity({ name: 'partition' })
export class PartitionRow {
  @PrimaryColumn({ type: 'integer' })
  partition!: number;

  @Column({ type: 'bigint' })
  epoch!: string;
}
