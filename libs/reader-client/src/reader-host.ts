import { checkedDestination, checkedIdentity } from './checked-options.js';
import { HeartbeatThread } from './heartbeat-thread-handle.js';
import { onSigterm } from './on-sigterm.js';
import { optionError } from './option-error.js';
import type { Reader } from './reader.js';
import type { ReaderHostOptions, ReaderOptions, ReaderSettings } from './reader-options.js';
import { ThreadedReader } from './threaded-reader.js';

/** Several readers of one process: they share a thread, a connection, and messages. */
export interface ReaderHost {
  /**
   * Starts a reader and publishes its first heartbeat, `loading`, at once.
   * @throws TypeError that names each invalid option by its path, or says that the id is that of a running reader of this host.
   */
  add(settings: ReaderSettings): Reader;
  /** Deregisters all readers, waits up to 3 s for the broker's confirmations, and closes. Then the process may exit. */
  stop(): Promise<void>;
}

/**
 * Starts a host without readers. Its thread keeps the process running until it is stopped.
 * @throws TypeError that names each invalid option.
 */
export function startReaderHost(options: ReaderHostOptions): ReaderHost {
  return new ThreadedHost(options);
}

/**
 * Starts a reader and publishes its first heartbeat, `loading`, at once.
 * @throws TypeError that names each invalid option by its path.
 */
export function startReader(options: ReaderOptions): Reader {
  const { url, urlFile, exchange, log, stopOnSigterm, ...settings } = options;
  // Before there is a thread.
  checkedIdentity(settings);
  const host = new ThreadedHost({
    ...(url !== undefined && { url }),
    ...(urlFile !== undefined && { urlFile }),
    ...(exchange !== undefined && { exchange }),
    ...(log && { log }),
    ...(stopOnSigterm !== undefined && { stopOnSigterm }),
  });
  const reader = host.add(settings);
  void reader.ended.then(() => host.stop());
  return {
    ready: () => reader.ready(),
    loading: () => reader.loading(),
    update: (change) => reader.update(change),
    status: () => reader.status(),
    stop: () => host.stop(),
    abandon: async () => {
      await reader.abandon();
      await host.stop();
    },
  };
}

class ThreadedHost implements ReaderHost {
  private readonly thread: HeartbeatThread;
  private readonly readers = new Map<string, ThreadedReader>();
  private stopped: Promise<void> | undefined;
  private readonly forgetSigterm: (() => void) | undefined;

  constructor(private readonly options: ReaderHostOptions) {
    this.thread = new HeartbeatThread(checkedDestination(options), options.log, (event) => {
      const reader = this.readers.get(event.bootId);
      if (event.kind === 'ended') this.readers.delete(event.bootId);
      reader?.note(event);
    });
    if (options.stopOnSigterm) this.forgetSigterm = onSigterm(() => this.stop());
  }

  add(settings: ReaderSettings): ThreadedReader {
    if (this.stopped) throw new Error('The host of the readers is stopped.');
    const isTaken = [...this.readers.values()].some(({ id, isStopping }) => id === settings.reader_id && !isStopping);
    if (isTaken) throw optionError([`reader_id: ${settings.reader_id} is a running reader of this host`]);
    const reader = new ThreadedReader(settings, this.thread, this.options.log);
    this.readers.set(reader.bootId, reader);
    return reader;
  }

  stop(): Promise<void> {
    return (this.stopped ??= this.stopOnce());
  }

  private async stopOnce(): Promise<void> {
    this.forgetSigterm?.();
    await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
    await this.thread.close();
  }
}
