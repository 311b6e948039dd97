import { randomBytes } from 'node:crypto';
import { startPostgres, type PostgresServer } from '@signalbox/local-infra';
import { FaultyFolder } from './faulty-folder.js';
import { TcpProxy } from './tcp-proxy.js';

/** A private Postgres behind a proxy, on a port that stays the same, that can be stopped, killed, paused and cut. */
export class FaultyDatabase {
  private constructor(
    private readonly folder: FaultyFolder,
    private readonly password: string,
    private server: PostgresServer,
    readonly proxy: TcpProxy,
  ) {}

  /** What is committed survives `kill`: the disk is waited for. */
  static async start(): Promise<FaultyDatabase> {
    const folder = await FaultyFolder.make('postgres');
    const password = randomBytes(18).toString('base64url');
    const server = await startPostgres({ home: folder.home, logFile: folder.logFile, superuserPassword: password });
    return new FaultyDatabase(folder, password, server, await TcpProxy.start({ port: server.port }));
  }

  /** The superuser's, through the proxy. */
  get url(): string {
    return Object.assign(new URL(this.directUrl), { port: String(this.proxy.port) }).href;
  }

  /** Past the proxy, for looking. */
  get directUrl(): string {
    return this.server.superuserUrl();
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** After a `stop` or `kill`. */
  async start(): Promise<void> {
    const { home, logFile } = this.folder;
    this.server = await startPostgres({ home, logFile, superuserPassword: this.password, port: this.server.port });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** SIGKILL of it and its children; resolves when it is gone. */
  async kill(): Promise<void> {
    this.server.kill();
    await this.server.exited;
  }

  /** SIGSTOP to it and its children; resolves when none of them runs. */
  async pause(): Promise<void> {
    await this.server.pause();
  }

  resume(): void {
    this.server.resume();
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.folder.remove();
  }
}
