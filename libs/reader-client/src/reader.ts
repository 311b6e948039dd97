import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { BeatState } from './beat-state.js';
import { checkedIdentity, checkedUrl, defaultExchange, type Identity } from './checked-options.js';
import type { ReaderChange, ReaderOptions } from './reader-options.js';
import type { ReaderUpdate, ThreadData, ThreadEvent } from './thread-messages.js';

/** Leaves time to close: `stop()` takes less than three seconds. */
const DEREGISTRATION_TIMEOUT_MS = 2_800;

/** The status on the reader's side; Signalbox may not have received it yet. */
export interface ReaderStatus {
  state: BeatState;
  /** Identifies this incarnation of the reader. */
  boot_id: string;
  connected: boolean;
  /** `seq` of the last heartbeat the broker confirmed, and when it was sent (Unix ms); null before the first. */
  seq: number | null;
  sent_at: number | null;
}

/** Publishes heartbeats until it is stopped, on a thread that keeps the process running. */
export interface Reader {
  /** The model serves requests: `live` in Signalbox. Publishes a heartbeat at once. */
  ready(): void;
  /** The model is loading (again). Publishes a heartbeat at once. */
  loading(): void;
  /**
   * Changes the description of the reader. Publishes a heartbeat at once.
   * @throws TypeError that names each invalid member; nothing changes then.
   */
  update(change: ReaderChange): void;
  /** Deregisters the reader, waits up to 3 s for the broker's confirmation, and closes. Then the process may exit. */
  stop(): Promise<void>;
  status(): ReaderStatus;
}

/**
 * Starts a reader and publishes its first heartbeat, `loading`, at once.
 * @throws TypeError that names each invalid option by its path.
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
      // Flags of the reader's process do not apply to this file: `--input-type`, for one, would prevent its start.
      execArgv: [],
    });
    this.thread.on('message', (event: ThreadEvent) => {
      if (event.kind === 'log') log?.(event.line);
      else this.note(event);
    });
    this.thread.on('error', (error) => log?.({ level: 'error', text: `heartbeats stopped: ${error.message}` }));
    this.ended = new Promise((resolve) => {
      this.thread.once('exit', () => {
        this.current = { ...this.current, connected: false };
        resolve();
      });
    });
  }

  ready(): void {
    this.send('ready');
  }

  loading(): void {
    this.send('loading');
  }

  update(change: ReaderChange): void {
    this.identity = checkedIdentity({ ...this.identity, ...change });
    this.send(this.current.state);
  }

  async stop(): Promise<void> {
    this.send('stopping');
    const late = setTimeout(() => void this.thread.terminate(), DEREGISTRATION_TIMEOUT_MS);
    await this.ended;
    clearTimeout(late);
  }

  status(): ReaderStatus {
    return { ...this.current };
  }

  /** Sends nothing after the deregistration. */
  private send(state: BeatState): void {
    if (this.current.state === 'stopping') return;
    this.current = { ...this.current, state };
    this.thread.postMessage({ state, identity: this.identity } satisfies ReaderUpdate);
  }

  private note(event: Exclude<ThreadEvent, { kind: 'log' }>): void {
    if (event.kind === 'connected') this.current = { ...this.current, connected: event.connected };
    else this.current = { ...this.current, seq: event.beat.seq ?? null, sent_at: event.beat.sent_at ?? null };
  }
}
