import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createLogger } from '@signalbox/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  createStreamTables,
  dropStreamTables,
  openDatabase,
  type Database,
  type DatabaseOptions,
} from '../src/index.js';

export const SCHEMA = 'sample';
export const STREAM = 'things';

/** A service's first migration: its own table, and the tables of its stream. */
export class CreateThings1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE thing (key text PRIMARY KEY, size integer NOT NULL)');
    await createStreamTables(runner, STREAM);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropStreamTables(runner);
    await runner.query('DROP TABLE thing');
  }
}

export const silent = createLogger({ name: 'test', level: 'silent' });

export function openSample(url: string, options: Partial<DatabaseOptions> = {}): Promise<Database> {
  return openDatabase({
    url,
    schema: SCHEMA,
    entities: [],
    migrations: [CreateThings1700000000000],
    applicationName: 'sample',
    logger: silent,
    poolSize: 60,
    ...options,
  });
}

/** A proxy to the database that can be closed and opened again on the same port. */
export class DatabaseProxy {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: URL,
    private readonly port: number,
  ) {}

  /** A closed proxy. */
  static async to(url: string): Promise<DatabaseProxy> {
    const reserved = createServer();
    await new Promise<void>((resolve) => reserved.listen(0, '127.0.0.1', resolve));
    const { port } = reserved.address() as AddressInfo;
    await new Promise((resolve) => reserved.close(resolve));
    return new DatabaseProxy(new URL(url), port);
  }

  /** The database's URL through this proxy. */
  get url(): string {
    return Object.assign(new URL(this.target), { host: `127.0.0.1:${this.port}` }).href;
  }

  async open(): Promise<void> {
    this.server = createServer((socket) => {
      const upstream = connect(Number(this.target.port), this.target.hostname);
      for (const [from, to] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        this.sockets.add(from);
        from.on('error', () => undefined).on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }
}
