import type { ConnectionType } from '@signalbox/contracts/http';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row as plain data. */
export type Plain<Row> = { [Member in keyof Row]: Row[Member] };

/** Postgres gives a bigint as text. */
const version = { type: 'bigint', transformer: { from: Number, to: (value: number) => value } } as const;

@Entity('project')
export class ProjectRow {
  @PrimaryColumn('text')
  name!: string;

  /** The project's own directory on this machine. */
  @Column('text')
  location!: string;

  @Column('text')
  readme!: string;

  /** Grows also when a connection or package of the project changes. */
  @Column(version)
  version!: number;
}

@Entity('connection')
export class ConnectionRow {
  @PrimaryColumn('text')
  project!: string;

  @PrimaryColumn('text')
  name!: string;

  @Column('text')
  type!: ConnectionType;

  /** The connection as it is shown, without name and type: `Members`, which TypeORM's types cannot follow into their depth. */
  @Column('json')
  config!: object;

  /** Its credentials by place, as JSON, sealed for this row; null where it has none. */
  @Column('text', { nullable: true })
  sealed!: string | null;

  /** It comes from the configuration file. A PATCH does not change that. Null: stored by a release that did not record it, until the file is read. */
  @Column('boolean', { name: 'is_configured', nullable: true })
  isConfigured!: boolean | null;

  @Column(version)
  version!: number;
}

@Entity('package')
export class PackageRow {
  @PrimaryColumn('text')
  project!: string;

  @PrimaryColumn('text')
  name!: string;

  /** Where it is loaded from; null: the directory of its name in that of the project. */
  @Column('text', { nullable: true })
  location!: string | null;

  /** From its manifest. */
  @Column('text', { nullable: true })
  description!: string | null;

  /** Given by a client, and shown instead of the description in the manifest. */
  @Column('text', { name: 'own_description', nullable: true })
  ownDescription!: string | null;

  @Column('text', { nullable: true })
  readme!: string | null;

  /** Whether the last load found it; if not, it is not listed. */
  @Column('boolean', { name: 'is_loaded' })
  isLoaded!: boolean;

  @Column(version)
  version!: number;
}

@Entity('load_error')
export class LoadErrorRow {
  /** Of the stream. */
  @PrimaryColumn('text')
  key!: string;

  @Column('text', { nullable: true })
  project!: string | null;

  @Column('text', { nullable: true })
  package!: string | null;

  @Column('text', { nullable: true })
  connection!: string | null;

  @Column('text')
  message!: string;

  @Column('timestamptz')
  at!: Date;
}
