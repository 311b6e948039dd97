import { randomUUID } from 'node:crypto';
import type { BeatState } from './beat-state.js';
import { checkedIdentity, type Identity } from './checked-options.js';
import type { HeartbeatThread } from './heartbeat-thread-handle.js';
import type { Log } from './log-line.js';
import type { Reader, ReaderStatus } from './reader.js';
import type { ReaderChange, ReaderSettings, StopCommand } from './reader-options.js';
import type { ThreadEvent } from './thread-messages.js';
import { within } from './within.js';

/** Leaves time to close: `stop()` takes less than three seconds. */
const DEREGISTRATION_TIMEOUT_MS = 2_200;

/** One incarnation of a reader, on the thread of its host. */
export class ThreadedReader implements Reader {
  readonly bootId = randomUUID();
  /** Resolves when the thread has nothing more to do for it. */
  readonly ended: Promise<void>;
  private endNow!: () => void;
  private readonly onStop: ReaderSettings['onStop'];
  private identity: Identity;
  private state: BeatState = 'loading';
  private last: Pick<ReaderStatus, 'seq' | 'sent_at'> = { seq: null, sent_at: null };

  /** @throws TypeError that names each invalid option by its path. */
  constructor(
    { onStop, ...given }: ReaderSettings,
    private readonly thread: HeartbeatThread,
    private readonly log: Log | undefined,
  ) {
    this.identity = checkedIdentity(given);
    this.onStop = onStop;
    this.ended = new Promise((resolve) => (this.endNow = resolve));
    thread.send({ kind: 'add', bootId: this.bootId, identity: this.identity, isControllable: onStop !== undefined });
  }

  get id(): string {
    return this.identity.reader_id;
  }

  get isStopping(): boolean {
    return this.state === 'stopping';
  }

  ready(): void {
    this.send('ready');
  }

  loading(): void {
    this.send('loading');
  }

  update(change: ReaderChange): void {
    this.identity = checkedIdentity({ ...(this.identity as ReaderSettings), ...change, reader_id: this.id });
    this.send(this.state);
  }

  async stop(): Promise<void> {
    this.send('stopping');
    await within(DEREGISTRATION_TIMEOUT_MS, this.ended);
  }

  async abandon(): Promise<void> {
    if (!this.isStopping) this.thread.send({ kind: 'abandon', bootId: this.bootId });
    this.state = 'stopping';
    await within(DEREGISTRATION_TIMEOUT_MS, this.ended);
  }

  status(): ReaderStatus {
    return { state: this.state, boot_id: this.bootId, connected: this.thread.isConnected, ...this.last };
  }

  /** To be called with what the thread reports of this reader. */
  note(event: Extract<ThreadEvent, { bootId: string }>): void {
    if (event.kind === 'confirmed') this.last = { seq: event.beat.seq ?? null, sent_at: event.beat.sent_at ?? null };
    else if (event.kind === 'command') void this.execute(event.command);
    else this.endNow();
  }

  private async execute(command: StopCommand): Promise<void> {
    if (this.isStopping) return;
    try {
      await this.onStop?.(command);
    } catch (error) {
      this.log?.({ level: 'error', text: `${this.id}: onStop failed: ${(error as Error).message}` });
    }
    await this.stop();
  }

  /** Sends nothing after the deregistration. */
  private send(state: BeatState): void {
    if (this.isStopping) return;
    this.state = state;
    this.thread.send({ kind: 'update', bootId: this.bootId, state, identity: this.identity });
  }
}
