import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@signalbox/local-infra';
import { ScriptRun, checkout, until } from './script-run.js';

type Readers = Record<string, unknown>;

/** The documented maps of `GET /status`. */
export interface ReaderMaps {
  live_readers: Readers;
  loading_readers: Readers;
  dead_readers: Readers;
  last_heartbeat: Record<string, { heartbeat_timestamp: number }>;
}

/** Signalbox as `npm start` runs it, with a home and a port of its own. */
export class NpmStart {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
  /** The run that was started last. */
  run: ScriptRun;

  private constructor(readonly port: number) {
    this.run = this.another();
  }

  static async start(): Promise<NpmStart> {
    const signalbox = new NpmStart(await freePort());
    await signalbox.comesUp();
    return signalbox;
  }

  /** Runs `npm start` with the same home and port, unless others are given. */
  another(env: NodeJS.ProcessEnv = {}): ScriptRun {
    const { DATABASE_URL: _, RABBITMQ_URL: __, npm_lifecycle_event: ___, ...outer } = process.env;
    return new ScriptRun([process.execPath, 'scripts/start.mjs'], {
      cwd: checkout,
      env: { ...outer, SIGNALBOX_HOME: this.home, PORT: String(this.port), ...env },
    });
  }

  /** After its run was killed. */
  async startAgain(): Promise<void> {
    this.run = this.another();
    await this.comesUp();
  }

  get adminKey(): string {
    return readFileSync(join(this.home, 'admin.key'), 'utf8').trim();
  }

  /** The URL by which readers connect to its broker. */
  get readerUrl(): string {
    const variables = readFileSync(join(this.home, 'connection.env'), 'utf8');
    const url = /^(?:export )?READER_RABBITMQ_URL=(['"]?)(.+)\1$/m.exec(variables)?.[2];
    if (url === undefined) throw new Error('connection.env of npm start has no READER_RABBITMQ_URL');
    return url;
  }

  /** The keys of its samples, which log in to the broker. */
  get sampleKeys(): Record<'reader' | 'agent', { id: string; key: string }> {
    return JSON.parse(readFileSync(join(this.home, 'sample-keys.json'), 'utf8')) as typeof this.sampleKeys;
  }

  pidOf(name: string): number {
    return Number(readFileSync(join(this.home, 'run', `${name}.pid`), 'utf8'));
  }

  /** What all incarnations of a process have logged. */
  logsOf(name: string): string {
    return readdirSync(join(this.home, 'log'))
      .filter((file) => file.startsWith(name))
      .map((file) => readFileSync(join(this.home, 'log', file), 'utf8'))
      .join('');
  }

  /** Of the present incarnation of a process. */
  managementPortOf(name: string): number {
    const [, port] = [...this.logsOf(name).matchAll(/"managementPort":(\d+).*"msg":"ready"/g)].at(-1) ?? [];
    if (port === undefined) throw new Error(`${name} has not logged its management port`);
    return Number(port);
  }

  /** A request with the admin key, which the gateway answers within 5 s. */
  call(path: string, init: RequestInit = {}): Promise<Response> {
    const signal = AbortSignal.timeout(5_000);
    return fetch(`http://127.0.0.1:${this.port}${path}`, { signal, ...init, headers: { 'X-Api-Key': this.adminKey } });
  }

  /** Null while the readers are not known. */
  async readers(): Promise<ReaderMaps | null> {
    return ((await (await this.call('/status')).json()) as { status: ReaderMaps | null }).status;
  }

  /** Whether a map has this reader; false too while the gateway cannot answer. */
  async shows(map: keyof ReaderMaps, id: string): Promise<boolean> {
    const readers = await this.readers().catch(() => null);
    return readers !== null && id in readers[map];
  }

  /** Sends a signal to a process of it, and waits until the supervisor has started the next. */
  async replace(name: string, signal: NodeJS.Signals): Promise<void> {
    const printed = this.run.output.length;
    const before = this.pidOf(name);
    process.kill(before, signal);
    const isUp = (): boolean => this.run.output.slice(printed).includes(`${name} is up again`);
    await until(`${name} to be up again`, isUp, 90_000);
    if (this.pidOf(name) === before) throw new Error(`${name} has the pid ${before} still`);
  }

  /** Stops every process that is left and removes its home. */
  async remove(): Promise<void> {
    this.run.child.kill('SIGTERM');
    await this.run.ended;
    const env = { ...process.env, SIGNALBOX_HOME: this.home };
    await promisify(execFile)(process.execPath, ['scripts/stop.mjs'], { cwd: checkout, env });
    rmSync(this.home, { recursive: true, force: true });
  }

  private comesUp(): Promise<void> {
    return this.run.prints('Ctrl-C stops everything.', 240_000);
  }
}
