import { every, settlesWithin, type Clock, type Logger } from '@signalbox/platform';
import type { ToChild, ToParent } from './control.js';
import { deathOf, type Death, type DeathReason } from './death.rules.js';
import { frameParts, FrameReader, type Frame, type FrameLimits } from './frames.js';
import { launch, type LaunchedProcess, type LaunchOptions } from './launch.js';
import { Output } from './output.js';

export interface SandboxOptions extends LaunchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of what the child sends. */
  readonly limits: FrameLimits;
  readonly startWithinMs: number;
  /** A ping is sent so often. */
  readonly pingEveryMs: number;
  /** Killed when so many pings in a row had no answer. This process may be late itself: at least 3. */
  readonly missedPings: number;
  readonly stopWithinMs: number;
  /** What it prints is not logged; `onEnd` gets the end of it. */
  readonly silent?: boolean;
}

export interface SandboxListener {
  readonly onReady: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** Called once, whether it was stopped (undefined) or died, with the end of what it printed. No frame comes after it. */
  readonly onEnd: (death: Death | undefined, lastOutput: string) => void;
}

/** What it printed and sent before its end is read for so long: a process that it started may keep both open. */
const DRAIN_MS = 1_000;

/** A module of ours in a process of its own, made for what strangers send. The module calls `connectToParent`. */
export class Sandbox {
  private readonly launched: LaunchedProcess;
  private readonly output: Output;
  private readonly ended: Promise<void>;
  private readonly cancels: (() => void)[] = [];
  private killedFor: DeathReason | undefined;
  private stopping = false;
  private isReady = false;
  private unanswered = 0;

  constructor(
    private readonly options: SandboxOptions,
    private readonly listener: SandboxListener,
  ) {
    const { clock, logger, limits, startWithinMs, pingEveryMs, silent = false } = options;
    this.output = new Output({ clock, logger, silent });
    this.launched = launch(options);
    const { process, connection, outputs } = this.launched;
    for (const stream of outputs) this.output.follow(stream);
    const reader = new FrameReader(limits, (frame) => this.received(frame));
    connection.on('data', (chunk: Buffer) => this.read(reader, chunk));
    connection.on('error', () => undefined);
    // `close` comes when all it printed and sent was read; also after an `error`, of a process that could not be started.
    const closed = new Promise<void>((resolve) => process.once('close', () => resolve()));
    const exited = new Promise<void>((resolve) => process.once('exit', () => resolve()));
    this.ended = Promise.race([closed, exited.then(() => this.drain(closed))]).then(() => this.end());
    process.once('error', (err) => logger.error({ err }, 'the process could not be started'));
    this.cancels.push(
      clock.schedule(startWithinMs, () => this.isReady || this.kill('not_started'), { background: true }),
      every({ clock, ms: pingEveryMs, background: true }, () => this.ping()),
    );
  }

  get pid(): number | undefined {
    return this.launched.process.pid;
  }

  send(message: unknown, bytes?: Buffer): void {
    this.write({ message }, bytes);
  }

  /** Lets it finish, and kills it at the deadline. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.write({ stop: true });
    const { clock, stopWithinMs } = this.options;
    if (!(await settlesWithin({ clock, ms: stopWithinMs }, this.ended))) this.launched.kill();
    await this.ended;
  }

  /** Ends it at once, without a death: it has done what it was for. */
  discard(): void {
    this.stopping = true;
    this.launched.kill();
  }

  /** Ends a process that does what it must not do. */
  kill(reason: DeathReason): void {
    this.killedFor ??= reason;
    this.launched.kill();
  }

  private read(reader: FrameReader, chunk: Buffer): void {
    try {
      reader.push(chunk);
    } catch (err) {
      this.options.logger.error({ err }, 'the process sent what is not allowed, and is killed');
      this.kill('misbehaved');
    }
  }

  private received({ message, ...rest }: Frame): void {
    if (this.killedFor !== undefined) return;
    if (typeof message !== 'object' || message === null) throw new Error('a frame is no object');
    const control = message as ToParent;
    if ('message' in control) return this.listener.onFrame({ message: control.message, ...rest });
    if ('pong' in control) {
      this.unanswered = 0;
    } else if (!this.isReady) {
      this.isReady = true;
      this.listener.onReady();
    }
  }

  private ping(): void {
    if (!this.isReady) return;
    if (this.unanswered >= this.options.missedPings) return this.kill('hung');
    this.unanswered += 1;
    this.write({ ping: this.unanswered });
  }

  private write(message: ToChild, bytes?: Buffer): void {
    const { connection } = this.launched;
    if (connection.destroyed) return;
    for (const part of frameParts(message, bytes)) connection.write(part);
  }

  private async drain(closed: Promise<void>): Promise<void> {
    // What it started and left.
    this.launched.kill();
    await settlesWithin({ clock: this.options.clock, ms: DRAIN_MS }, closed);
  }

  private end(): void {
    for (const cancel of this.cancels.splice(0)) cancel();
    const { process, connection, outputs } = this.launched;
    for (const stream of [connection, ...outputs]) stream.destroy();
    const { exitCode, signalCode: signal } = process;
    const { killedFor, output } = this;
    const stopped = this.stopping && killedFor === undefined;
    const lastOutput = output.last;
    this.listener.onEnd(stopped ? undefined : deathOf({ exitCode, signal, killedFor, lastOutput }), lastOutput);
  }
}
