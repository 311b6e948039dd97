import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scramVerifier, startPostgres, type PostgresServer } from '@signalbox/local-infra';
import { eventually, selfSigned } from '@signalbox/testing';
import pg from 'pg';
import type { DirectAssignment, DirectSource } from '../../../src/work/assignment.js';

const PASSWORD = 'a password of the source';
/** What was committed survives the kill of a server, though not of the machine. */
const FAST = { fsync: 'off', full_page_writes: 'off', autovacuum: 'off' };

/** A database server of a customer. */
export class SourceServer {
  private constructor(
    private readonly folder: string,
    private server: PostgresServer,
    private settings: Record<string, string>,
    readonly cert: string,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<SourceServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'source-'));
    execFileSync('chmod', ['711', folder]);
    const server = await start(folder, { ...FAST, ...settings });
    const source = new SourceServer(folder, server, { ...FAST, ...settings }, '');
    await source.run(`ALTER ROLE CURRENT_USER PASSWORD ${pg.escapeLiteral(scramVerifier(PASSWORD, 1))}`);
    return source;
  }

  get port(): number {
    return this.server.port;
  }

  get user(): string {
    return decodeURIComponent(new URL(this.server.superuserUrl()).username);
  }

  /** Starts again, with other settings and after a kill if asked for; on the same port. */
  async restart({
    kill = false,
    settings = {},
  }: { kill?: boolean; settings?: Record<string, string> } = {}): Promise<void> {
    const { port } = this.server;
    if (kill) this.server.kill();
    await this.server.stop();
    this.settings = { ...this.settings, ...settings };
    this.server = await start(this.folder, this.settings, port);
  }

  /** Makes a certificate and switches TLS on. Returns the certificate, which is its own authority. */
  async useTls(): Promise<string> {
    const { key, cert } = selfSigned();
    const owner = statSync(path.join(this.folder, 'data'));
    const files = { ssl_key_file: key, ssl_cert_file: cert };
    const settings: Record<string, string> = { ssl: 'on' };
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.folder, name);
      writeFileSync(file, text, { mode: 0o600 });
      if (process.getuid?.() === 0) chownSync(file, owner.uid, owner.gid);
      settings[name] = file;
    }
    await this.restart({ settings });
    return cert;
  }

  async client(database = 'postgres'): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.server.superuserUrl(database) });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async run(statements: string, database?: string): Promise<pg.QueryResult> {
    const client = await this.client(database);
    try {
      return await client.query(statements);
    } finally {
      await client.end();
    }
  }

  /** The server notices only after a while that the reader of a slot is gone. */
  async dropSlots(): Promise<void> {
    await eventually(() => this.run('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots'));
  }

  assignment(source: Partial<DirectSource> = {}, more: Partial<DirectAssignment> = {}): DirectAssignment {
    return {
      id: 'ds_test_1',
      fence: 1,
      version: 1,
      livemode: false,
      targets: { allowLoopback: true, allowPrivate: false },
      task: 'follow',
      position: null,
      generation: 1,
      connection: 'direct',
      walLimitBytes: 1024 ** 3,
      ...more,
      source: more.source ?? {
        host: 'localhost',
        port: this.port,
        database: 'postgres',
        schema: 'public',
        user: this.user,
        password: PASSWORD,
        tls: 'disable',
        publication: 'signalbox_publication',
        slot: 'signalbox_1',
        ...source,
      },
    };
  }

  async stop(): Promise<void> {
    this.server.kill();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const start = (folder: string, settings: Record<string, string>, port?: number): Promise<PostgresServer> =>
  startPostgres({
    home: folder,
    logFile: path.join(folder, 'postgres.log'),
    superuserPassword: PASSWORD,
    settings,
    ...(port !== undefined && { port }),
  });
