import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ServiceState = 'initializing' | 'serving' | 'draining';

/** The one row with the state of the registry. */
@Entity('service')
export class ServiceRow {
  @PrimaryColumn('integer')
  id!: 1;

  @Column('text')
  state!: ServiceState;

  @Column('boolean')
  frozen!: boolean;

  /** Null where it is not frozen. */
  @Column('text', { name: 'frozen_because', nullable: true })
  frozenBecause!: string | null;

  @Column('text', { name: 'public_key' })
  publicKey!: string;

  /** The process that wrote this row. One that was replaced writes no more. */
  @Column('text')
  instance!: string;

  /** Whether the configuration file was loaded once: from then on the stored tree is used. */
  @Column('boolean', { name: 'has_loaded' })
  hasLoaded!: boolean;
}
