import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'tier' })
export class TierRow {
  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ name: 'requests_per_hour', type: 'integer' })
  requestsPerHour!: number;

  @Column({ name: 'burst_per_second', type: 'integer' })
  burstPerSecond!: number;
}
