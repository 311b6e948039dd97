import type { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import type { DirectAssignment } from '../../work/assignment.js';
import { Deadline } from '../../work/deadline.js';
import { AnswerWatch } from './answer-watch.js';
import { openSocket, silentServer } from './open-socket.js';
import { SourceProblem } from './source-problem.js';

export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Bytes that may arrive before the reader asks for more with `received`. Default: 64 MiB, more than one row may have. */
  readonly maxBytes?: number;
  /** Connecting, TLS and login together. Default: 15 s. */
  readonly connectWithinMs?: number;
}

export interface OpenClientOptions extends OpenOptions {
  readonly replication?: boolean;
  /** How long the server may send nothing after the login while it owes an answer. Default: 60 s. */
  readonly silenceMs?: number;
}

export interface SourceLine {
  readonly config: ClientConfig;
  readonly socket: Socket;
  readonly encrypted: boolean;
  /** What arrived so far was understood: counting begins again. */
  received(): void;
  /** When something arrived last, by `performance.now()`. */
  receivedAt(): number;
}

const MAX_BYTES = 64 * 1_048_576;
const CONNECT_WITHIN_MS = 15_000;
const SILENCE_MS = 60_000;

/**
 * Values arrive in one form, whatever the server's settings are. Row security fails rather than hides rows; nothing of the role's search
 * path is called; a snapshot that waits for consumers is not ended by a timeout of the role.
 */
const SESSION = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_encoding: 'UTF8',
  search_path: '',
  row_security: 'off',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};
const OPTIONS = Object.entries(SESSION)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/** A connection that a driver can be started on. */
export async function openLine(
  assignment: DirectAssignment,
  { signal, maxBytes = MAX_BYTES, connectWithinMs = CONNECT_WITHIN_MS }: OpenOptions,
): Promise<SourceLine> {
  const { source, targets } = assignment;
  const deadline = new Deadline(signal, connectWithinMs);
  const { socket, encrypted } = await openSocket(source, targets, deadline.signal).finally(() => deadline.end());
  let unread = 0;
  let receivedAt = performance.now();
  // The driver reads with a listener of its own. What it throws at bytes that it does not understand must not end the process, and a
  // message without an end must not fill its memory.
  const on = socket.on.bind(socket) as (event: string, listener: (...args: never[]) => void) => Socket;
  socket.on = (event: string, listener: (...args: never[]) => void): Socket => {
    if (event !== 'data') return on(event, listener);
    return on('data', (chunk: Buffer) => {
      unread += chunk.length;
      receivedAt = performance.now();
      if (unread > maxBytes) return void socket.destroy(new SourceProblem('blocked', 'too_large', TOO_LARGE));
      try {
        (listener as (chunk: Buffer) => void)(chunk);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
  };
  // The driver connects what it is given; this one is connected.
  socket.connect = () => {
    process.nextTick(() => {
      socket.emit('connect');
      socket.resume();
    });
    return socket;
  };
  const cut = (): void => void socket.destroy();
  signal.addEventListener('abort', cut, { once: true });
  // The signal outlasts it.
  socket.once('close', () => signal.removeEventListener('abort', cut));
  const config: ClientConfig = {
    host: source.host,
    port: source.port,
    database: source.database,
    user: source.user,
    // Never from the environment or from files of this machine.
    password: () => source.password,
    ssl: false,
    application_name: `signalbox ${assignment.id}`,
    options: OPTIONS,
    stream: () => socket,
    // Values stay as the server wrote them: the usual conversions lose digits of numbers and microseconds.
    types: { getTypeParser: () => (text: string) => text },
  };
  return { config, socket, encrypted, received: () => void (unread = 0), receivedAt: () => receivedAt };
}

const TOO_LARGE = {
  message: 'The server sent more at once than is read.',
  fix: 'Keep single rows below 64 MiB, or leave the table out of the publication.',
};

export interface SourceClient extends SourceLine {
  readonly client: Client;
  /** What is asked from now on, for the error where the server is silent. `silenceMs`: where an answer takes longer to begin. */
  expect(during: string, silenceMs?: number): void;
  /** Ends the connection, also one that does not answer. */
  close(): void;
}

/** A connection that is logged in. @throws what `explain` explains */
export async function openClient(
  assignment: DirectAssignment,
  { replication = false, silenceMs = SILENCE_MS, ...options }: OpenClientOptions,
): Promise<SourceClient> {
  const { connectWithinMs = CONNECT_WITHIN_MS } = options;
  const startedAt = performance.now();
  const line = await openLine(assignment, options);
  const client = new Client({ ...line.config, ...(replication && { replication: 'database' }) });
  // What was under way rejects; an error event without a listener would end the process.
  client.on('error', () => undefined);
  const leftMs = startedAt + connectWithinMs - performance.now();
  const timer = setTimeout(() => line.socket.destroy(silentServer()), leftMs);
  try {
    await client.connect();
  } catch (error) {
    line.socket.destroy();
    throw line.socket.errored ?? error;
  } finally {
    clearTimeout(timer);
  }
  const watch = new AnswerWatch({ client, socket: line.socket, receivedAt: () => line.receivedAt(), silenceMs });
  line.socket.once('close', () => watch.end());
  const close = (): void => {
    client.end().catch(() => undefined);
    line.socket.destroySoon();
  };
  return { ...line, client, close, expect: (...what) => watch.expect(...what) };
}
