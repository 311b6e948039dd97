import { checkedDestination, checkedIdentity } from '../checked-options.js';
import { environmentOfCommand } from '../config.js';
import { startReader } from '../reader-host.js';
import { onSigterm } from '../on-sigterm.js';
import type { Reader } from '../reader.js';
import { ModelProcess } from './model-process.js';
import { checkedServer, type CheckedServer } from './checked-server.js';
import type { ModelServerOptions, StopSignal } from './model-server-options.js';
import { Probing } from './probing.js';

/** A reader of which a model server decides the state. */
export interface ModelServerReader {
  readonly reader: Reader;
  /**
   * Resolves when the reader is deregistered, or has failed, and the command has ended: with its exit code, 128 and the number of the signal
   * that ended it, or 127 where it could not be started. Without a command: 0.
   */
  readonly ended: Promise<number>;
  /**
   * Deregisters the reader and sends the signal to the command, both at once. Resolves with `ended`.
   * @param signal default SIGTERM; null: the command has got one already
   */
  stop(signal?: StopSignal | null): Promise<number>;
}

/**
 * Starts a reader that is loading until the health URL of the model server answers, ready as long as it does, and loading again after failed
 * probes. With a command it starts the server, reports its processes, and can be stopped by `DELETE /reader/{reader_id}`. A command that
 * ends with an error by itself leaves a reader that is declared dead; one that ends with 0 deregisters it.
 * @throws TypeError that names each invalid option, before anything is started.
 */
export function startModelServerReader(options: ModelServerOptions): ModelServerReader {
  const server = checkedServer(options);
  checkedIdentity(options);
  checkedDestination(options);
  return new WatchedServer(options, server);
}

class WatchedServer implements ModelServerReader {
  readonly reader: Reader;
  readonly ended: Promise<number>;
  private readonly process: ModelProcess | undefined;
  private readonly probing: Probing;
  private isStopping = false;
  private endNow!: (code: number) => void;

  constructor(
    private readonly options: ModelServerOptions,
    private readonly server: CheckedServer,
  ) {
    const { command, env, stopOnSigterm } = options;
    if (stopOnSigterm) onSigterm(() => this.stop());
    this.ended = new Promise((resolve) => (this.endNow = resolve));
    this.process = command && new ModelProcess(command, env ?? environmentOfCommand());
    this.reader = startReader({
      pids: this.process?.pids ?? [],
      ...(this.process && { onStop: () => void this.stop() }),
      ...options,
      stopOnSigterm: false,
    });
    this.probing = new Probing({ ...server, onChange: (state) => this.show(state) });
    void this.process?.exited.then((code) => this.end(code));
  }

  async stop(signal: StopSignal | null = 'SIGTERM'): Promise<number> {
    this.process?.end(signal, this.server.stopMs);
    if (!this.isStopping) {
      this.isStopping = true;
      this.probing.stop();
      await this.reader.stop();
      this.endNow((await this.process?.exited) ?? 0);
    }
    return this.ended;
  }

  private show(state: 'loading' | 'ready'): void {
    if (state === 'loading') return this.reader.loading();
    // By now it has started the processes that it needs.
    if (this.process && this.options.pids === undefined) this.reader.update({ pids: this.process.pids });
    this.reader.ready();
  }

  /** The command has ended. */
  private async end(code: number): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    this.probing.stop();
    this.options.log?.({ level: code === 0 ? 'info' : 'error', text: `the model server ended with exit code ${code}` });
    if (code === 0) await this.reader.stop();
    else {
      this.reader.loading();
      await this.reader.abandon();
    }
    this.endNow(code);
  }
}
