import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ServiceState = 'initializing' | 'serving' | 'draining';

/** The one row that says how the registry is. */
@Entity('service')
export class ServiceRow {
  @PrimaryColumn('integer')
  id!: 1;

  @Column('text')
  state!: ServiceState;

  @Column('boolean')
  frozen!: boolean;

  @Column('text', { name: 'public_key' })
  publicKey!: string;

  /** The process whose word this is: one that was replaced says no more. */
  @Column('text')
  instance!: string;

  /** Whether the configuration file was loaded once: from then on what is stored wins. */
  @Column('boolean', { name: 'has_loaded' })
  hasLoaded!: boolean;
}
