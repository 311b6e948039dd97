import { Worker } from 'node:worker_threads';
import type { Destination } from './checked-options.js';
import type { Log } from './log-line.js';
import type { ThreadEvent, ThreadRequest } from './thread-messages.js';
import { within } from './within.js';

const CLOSE_TIMEOUT_MS = 700;

/** The thread of the heartbeats, seen from the thread that started it. It keeps the process running until it is closed. */
export class HeartbeatThread {
  private readonly worker: Worker;
  private readonly exited: Promise<void>;
  isConnected = false;

  constructor(
    destination: Destination,
    private readonly log: Log | undefined,
    onEvent: (event: Extract<ThreadEvent, { bootId: string }>) => void,
  ) {
    this.worker = new Worker(new URL('./heartbeat-thread.js', import.meta.url), {
      workerData: destination,
      // Flags of the reader's process do not apply to this file: `--input-type`, for one, would prevent its start.
      execArgv: [],
    });
    this.worker.on('message', (event: ThreadEvent) => {
      if (event.kind === 'log') this.log?.(event.line);
      else if (event.kind === 'connected') this.isConnected = event.connected;
      else onEvent(event);
    });
    this.worker.on('error', (error) => this.log?.({ level: 'error', text: `heartbeats stopped: ${error.message}` }));
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.isConnected = false;
        resolve();
      });
    });
  }

  send(request: ThreadRequest): void {
    this.worker.postMessage(request);
  }

  async close(): Promise<void> {
    this.send({ kind: 'close' });
    if (!(await within(CLOSE_TIMEOUT_MS, this.exited))) await this.worker.terminate();
  }
}
