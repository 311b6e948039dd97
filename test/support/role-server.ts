import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  loadOrCreateCredentials,
  OWNER_ROLE,
  provisionPostgres,
  roleOf,
  SIGNALBOX_DATABASE,
  signalboxRoles,
  startPostgres,
  type Credentials,
  type PostgresServer,
  type ServiceName,
  type ServiceRole,
} from '@signalbox/local-infra';
import { migrate } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';
import pg from 'pg';
import { migrationsOf } from './migrations.js';
import { checkout } from './script-run.js';

const logger = createLogger({ name: 'test', level: 'silent' });

const withoutOwner = ({ role, schema, password }: ServiceRole): ServiceRole => ({ role, schema, password });

/** A Postgres server with the role of each service, as `npm start` and Docker Compose prepare it. */
export class RoleServer {
  private constructor(
    private readonly folder: string,
    private readonly server: PostgresServer,
    private readonly credentials: Credentials,
  ) {}

  static async start(): Promise<RoleServer> {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-roles-'));
    const credentials = await loadOrCreateCredentials(join(folder, 'credentials.json'));
    const server = await startPostgres({
      home: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
      superuserPassword: credentials.postgresSuperuser,
      settings: { fsync: 'off', timezone: 'UTC' },
    });
    return new RoleServer(folder, server, credentials);
  }

  get superuserUrl(): string {
    return this.server.superuserUrl(SIGNALBOX_DATABASE);
  }

  urlOf(service: ServiceName): string {
    const url = new URL(this.superuserUrl);
    url.username = roleOf(service);
    url.password = this.credentials.databaseRoles[service];
    return url.href;
  }

  /** Roles, schemas and their owner. `earlier`: as in release 0.1.0, in which each role owned its schema. */
  async provision({ earlier = false } = {}): Promise<void> {
    const roles = signalboxRoles(this.credentials);
    await provisionPostgres({
      superuserUrl: this.server.superuserUrl(),
      database: SIGNALBOX_DATABASE,
      services: earlier ? roles.map(withoutOwner) : roles,
    });
  }

  /** As the service itself does it when it starts, without the last migrations. */
  async migrateAs(service: ServiceName, { without = 0, url = this.urlOf(service) } = {}): Promise<void> {
    const migrations = await migrationsOf(service);
    await migrate({
      url,
      schema: roleOf(service),
      migrations: migrations.slice(0, migrations.length - without),
      applicationName: 'test',
      logger,
    });
  }

  /** As a setup does it, with a role that owns all; by default that of this server. */
  async migrateSchemas(
    options: { url: string; owner?: string; user?: string } = { url: this.superuserUrl, owner: OWNER_ROLE },
  ): Promise<void> {
    const file = pathToFileURL(join(checkout, 'scripts/migrate-schemas.mjs')).href;
    const script = (await import(file)) as { migrateSchemas: (given: typeof options) => Promise<void> };
    await script.migrateSchemas(options);
  }

  /** The rows of the last statement. */
  async query(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
      return rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
