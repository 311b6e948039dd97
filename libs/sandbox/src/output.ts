import type { Readable } from 'node:stream';
import type { Clock, Logger } from '@signalbox/platform';
import { readLogLine } from './log-line.rules.js';

export interface OutputOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Lines are only kept for `last`, and not logged. */
  readonly silent?: boolean;
}

/** A longer line is cut. */
const LINE_CHARS = 2_000;
/** Lines that are logged within a window; the rest is counted. */
const LINES = 50;
const WINDOW_MS = 10_000;
/** Characters that are kept for `last`. */
const KEPT_CHARS = 4_000;

/** Logs what a process prints, line by line, and no more than a bound, whatever the process prints. */
export class Output {
  /** The end of what was printed. */
  last = '';
  private windowStart: number;
  private lines = 0;
  private dropped = 0;

  constructor(private readonly options: OutputOptions) {
    this.windowStart = options.clock.monotonic();
  }

  follow(stream: Readable): void {
    let line = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.last = (this.last + text).slice(-KEPT_CHARS);
      const parts = text.split('\n');
      parts[0] = (line + parts[0]!).slice(0, LINE_CHARS);
      line = parts.pop()!.slice(0, LINE_CHARS);
      for (const part of parts) this.log(part);
    });
    stream.on('end', () => this.log(line));
    stream.on('error', () => undefined);
  }

  private log(line: string): void {
    if (line.trim() === '' || this.options.silent) return;
    const now = this.options.clock.monotonic();
    if (now - this.windowStart >= WINDOW_MS) {
      if (this.dropped > 0) this.options.logger.warn({ lines: this.dropped }, 'output of the process was dropped');
      this.windowStart = now;
      this.lines = 0;
      this.dropped = 0;
    }
    this.lines += 1;
    if (this.lines > LINES) this.dropped += 1;
    else this.pass(line.slice(0, LINE_CHARS));
  }

  /** What a line of a log says is kept apart from what this process says: the other one may have been taken over. */
  private pass(line: string): void {
    const logged = readLogLine(line);
    if (logged === undefined) this.options.logger.warn({ output: line }, 'the process printed a line');
    else this.options.logger[logged.level]({ logged: logged.fields }, `the process logged: ${logged.text}`);
  }
}
