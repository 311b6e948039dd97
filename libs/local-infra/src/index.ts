/** Tells a person what is being done now, in a few words without a line end. Called seldom. */
export type OnProgress = (text: string) => void;

/** A process that cannot be mistaken for a later one with the same pid. Plain data: may be written to a file. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; equal only for the same process. */
  startedAt: string;
}
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}
/** What both servers have in common. `exited` resolves (never rejects) when the process is gone. */
export interface ServerProcess extends ProcessIdentity {
  host: '127.0.0.1';
  exited: Promise<ProcessExit>;
  /** Asks it to stop, waits, kills what is left of its process tree. Safe to call twice. */
  stop(): Promise<void>;
  /** Kills the whole process tree at once. */
  kill(): void;
}

/** `undefined` when there is no such process (a zombie counts as gone). */
export declare function describeProcess(pid: number): ProcessIdentity | undefined;
/** Signals the process if it is still the same one, waits, then kills it and its descendants. */
export declare function stopProcess(
  identity: ProcessIdentity,
  options?: { signal?: NodeJS.Signals; graceMs?: number },
): Promise<'gone' | 'stopped' | 'killed'>;
/** A TCP port of 127.0.0.1 that is free now; `prefer` is taken when it is free. Never the same twice in one process. */
export declare function freePort(options?: { prefer?: number }): Promise<number>;
export declare function isPortFree(port: number, host?: string): Promise<boolean>;

/** Every failure a person can act on. `message` is complete by itself and names the way out; it holds no password. */
export declare class LocalInfraError extends Error {
  readonly code: 'not-installed' | 'port-taken' | 'already-running' | 'disk-full' | 'wrong-owner' | 'start-failed' | 'start-timeout';
}

export interface RabbitMqInstallation {
  serverScript: string;
  version: string | undefined;
}
export interface RabbitMqUser {
  name: string;
  password: string;
  /** Regular expressions over resource names, as RabbitMQ's permissions take them; '' permits nothing. */
  configure: string;
  write: string;
  read: string;
  tags?: string[];
}
/** The JSON of a RabbitMQ definitions file; holds hashes, no passwords. */
export interface RabbitMqDefinitions {
  vhosts: { name: string }[];
  users: { name: string; password_hash: string; hashing_algorithm: 'rabbit_password_hashing_sha256'; tags: string[] }[];
  permissions: { user: string; vhost: string; configure: string; write: string; read: string }[];
}
export interface RabbitMqOptions {
  /** Folder of this node: configuration, cookie, data. Made if missing. Absolute. */
  home: string;
  logFile: string;
  definitions: RabbitMqDefinitions;
  /** Default: a free one. */
  amqpPort?: number;
  /** Switches the management plugin on, at a free port. */
  management?: boolean;
  /** Default 90 s. */
  startDeadlineMs?: number;
  onProgress?: OnProgress;
}
export interface RabbitMqNode extends ServerProcess {
  amqpPort: number;
  managementPort?: number;
}
export declare function findRabbitMq(): Promise<RabbitMqInstallation | undefined>;
export declare function rabbitMqDefinitions(options: { vhost: string; users: RabbitMqUser[] }): RabbitMqDefinitions;
export declare function startRabbitMq(options: RabbitMqOptions): Promise<RabbitMqNode>;
export declare function amqpUrl(options: { host?: string; port: number; user: string; password: string; vhost: string }): string;

export interface PostgresOptions {
  /** Folder of this server; the data stand in `data` inside it. Made if missing. Absolute. */
  home: string;
  logFile: string;
  port?: number;
  superuserPassword: string;
  /** Server settings over ours, for example `{ fsync: 'off' }` in tests. */
  settings?: Record<string, string>;
  startDeadlineMs?: number;
  onProgress?: OnProgress;
}
export interface PostgresServer extends ServerProcess {
  port: number;
  /** Default database: `postgres`. */
  superuserUrl(database?: string): string;
}
export interface ServiceRole {
  role: string;
  schema: string;
  password: string;
}
export declare function startPostgres(options: PostgresOptions): Promise<PostgresServer>;
/** Idempotent. Works on any server given by URL, so also on one in a container. */
export declare function provisionPostgres(options: { superuserUrl: string; database: string; services: ServiceRole[] }): Promise<void>;
export declare function postgresUrl(options: { host?: string; port: number; user: string; password: string; database: string }): string;

export type ServiceName = 'gateway' | 'registry' | 'reader-heartbeat' | 'dataplane-control' | 'datasource-sync';
export type AmqpUserName = ServiceName | 'readers' | 'dataplanes';
export interface Credentials {
  postgresSuperuser: string;
  databaseRoles: Record<ServiceName, string>;
  amqpUsers: Record<AmqpUserName, string>;
}
/** Reads the file, or makes it with random passwords and mode 0600; passwords that are missing are added. */
export declare function loadOrCreateCredentials(file: string): Promise<Credentials>;
export declare function signalboxUsers(credentials: Credentials): RabbitMqUser[];
export declare function signalboxRoles(credentials: Credentials): ServiceRole[];
export declare const signalboxNames: { vhost: 'signalbox'; database: 'signalbox'; services: readonly ServiceName[] };
