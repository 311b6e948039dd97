import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { BeatState } from './beater.js';
import {
  checkedIdentity,
  checkedUrl,
  defaultExchange,
  type Identity,
  type ReaderChange,
  type ReaderOptions,
} from './reader-options.js';
import type { Say, ThreadData, Told } from './thread-messages.js';

/** With what closing takes, `stop()` stays under three seconds. */
const GOODBYE_TIMEOUT_MS = 2_800;

/** What the reader's own side knows; Signalbox may not have read it yet. */
export interface ReaderStatus {
  state: BeatState;
  /** Names this life of the reader. */
  boot_id: string;
  connected: boolean;
  /** `seq` of the last heartbeat the broker confirmed, and when it was sent (Unix ms); null before the first. */
  seq: number | null;
  sent_at: number | null;
}

/** A reader that beats, until it is stopped, on a thread that keeps the process alive. */
export interface Reader {
  /** The model serves: `live` in Signalbox. Beats at once. */
  ready(): void;
  /** The model loads (again). Beats at once. */
  loading(): void;
  /**
   * Changes what the reader says of itself. Beats at once.
   * @throws TypeError naming every member that is wrong; nothing changes then.
   */
  update(change: ReaderChange): void;
  /** Says goodbye, waits up to 3 s until the broker has it, and closes. The process may end then. */
  stop(): Promise<void>;
  status(): ReaderStatus;
}

/**
 * Starts to beat: `loading`, at once.
 * @throws TypeError naming every option that is wrong, by its path.
 */
export function startReader(options: ReaderOptions): Reader {
  const { url, exchange = defaultExchange, log, ...given } = options;
  return new ThreadedReader(
    { url: checkedUrl(url), exchange, bootId: randomUUID(), identity: checkedIdentity(given) },
    log,
  );
}

class ThreadedReader implements Reader {
  private readonly thread: Worker;
  private readonly ended: Promise<void>;
  private identity: Identity;
  private current: ReaderStatus;

  constructor(data: ThreadData, log: ReaderOptions['log']) {
    this.identity = data.identity;
    this.current = { state: 'loading', boot_id: data.bootId, connected: false, seq: null, sent_at: null };
    this.thread = new Worker(new URL('./heartbeat-thread.js', import.meta.url), {
      workerData: data,
      // The flags of the reader's process are not ours: `--input-type` alone would refuse this file.
      execArgv: [],
    });
    this.thread.on('message', (told: Told) => {
      if (told.kind === 'log') log?.(told.line);
      else this.note(told);
    });
    this.thread.on('error', (error) => log?.({ level: 'error', text: `no heartbeats any more: ${error.message}` }));
    this.ended = new Promise((resolve) => {
      this.thread.once('exit', () => {
        this.current = { ...this.current, connected: false };
        resolve();
      });
    });
  }

  ready(): void {
    this.say('ready');
  }

  loading(): void {
    this.say('loading');
  }

  update(change: ReaderChange): void {
    this.identity = checkedIdentity({ ...this.identity, ...change });
    this.say(this.current.state);
  }

  async stop(): Promise<void> {
    this.say('stopping');
    const late = setTimeout(() => void this.thread.terminate(), GOODBYE_TIMEOUT_MS);
    await this.ended;
    clearTimeout(late);
  }

  status(): ReaderStatus {
    return { ...this.current };
  }

  /** After the goodbye nothing is said any more. */
  private say(state: BeatState): void {
    if (this.current.state === 'stopping') return;
    this.current = { ...this.current, state };
    this.thread.postMessage({ state, identity: this.identity } satisfies Say);
  }

  private note(told: Exclude<Told, { kind: 'log' }>): void {
    if (told.kind === 'connected') this.current = { ...this.current, connected: told.connected };
    else this.current = { ...this.current, seq: told.beat.seq ?? null, sent_at: told.beat.sent_at ?? null };
  }
}
