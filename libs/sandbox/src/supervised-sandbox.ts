import { Backoff, type BackoffBounds } from '@signalbox/platform';
import type { Death, DeathReason } from './death.rules.js';
import type { Frame } from './frames.js';
import { Sandbox, type SandboxOptions } from './sandbox.js';

export interface SupervisedSandboxOptions extends SandboxOptions {
  /** Waits before it is started again; they start over after it ran for longer than the longest of them. */
  readonly restart: BackoffBounds;
}

export interface SupervisedListener {
  /** It runs, for the first time or again: it knows nothing yet. */
  readonly onReady: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** It is started again after so many ms, unless `stop` is called. */
  readonly onDeath: (death: Death, restartInMs: number) => void;
}

/** A sandbox that is started again when it died. */
export class SupervisedSandbox {
  private readonly backoff: Backoff;
  private sandbox: Sandbox | undefined;
  private ready = false;
  private stopped = false;
  private startedAt = 0;
  private cancelRestart = (): void => undefined;

  constructor(
    private readonly options: SupervisedSandboxOptions,
    private readonly listener: SupervisedListener,
  ) {
    this.backoff = new Backoff(options.restart);
    this.start();
  }

  get isReady(): boolean {
    return this.ready;
  }

  get pid(): number | undefined {
    return this.sandbox?.pid;
  }

  /** Dropped where it does not run: `onReady` comes when it runs again. */
  send(message: unknown, bytes?: Buffer): void {
    if (this.ready) this.sandbox?.send(message, bytes);
  }

  /** Ends a child that does what it must not do; it is started again. */
  kill(reason: DeathReason): void {
    this.sandbox?.kill(reason);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelRestart();
    await this.sandbox?.stop();
  }

  private start(): void {
    this.startedAt = this.options.clock.monotonic();
    this.sandbox = new Sandbox(this.options, {
      onReady: () => {
        this.ready = true;
        this.listener.onReady();
      },
      onFrame: this.listener.onFrame,
      onEnd: (death) => this.ended(death),
    });
  }

  private ended(death: Death | undefined): void {
    this.sandbox = undefined;
    this.ready = false;
    const { clock, restart } = this.options;
    if (this.stopped || death === undefined) return;
    if (clock.monotonic() - this.startedAt > restart.maxMs) this.backoff.reset();
    const restartInMs = this.backoff.nextMs();
    this.cancelRestart = clock.schedule(restartInMs, () => this.start(), { background: true });
    this.listener.onDeath(death, restartInMs);
  }
}
