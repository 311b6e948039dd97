import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CLOCK, describeError, every, LOGGER, settlesWithin, type Clock, type Logger } from '@signalbox/platform';
import { ApiKeyRepository } from './persistence/api-key.repository.js';

const WRITE_EVERY_MS = 5_000;
const STOP_MS = 2_000;

/** When each key was used last: noted in memory, written for all keys together. There are at most as many notes as keys. */
@Injectable()
export class KeyUse implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private noted = new Map<string, number>();
  private writing: Promise<void> = Promise.resolve();
  private hasFailed = false;
  private stopWriting = (): void => undefined;

  constructor(
    private readonly keys: ApiKeyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  note(keyId: string): void {
    this.noted.set(keyId, this.clock.now());
  }

  onApplicationBootstrap(): void {
    this.stopWriting = every({ clock: this.clock, ms: WRITE_EVERY_MS, background: true }, () => this.write());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopWriting();
    await settlesWithin({ clock: this.clock, ms: STOP_MS }, this.write());
  }

  /** One write at a time. Never rejects: the next write takes along what this one could not write. */
  private write(): Promise<void> {
    this.writing = this.writing.then(() => this.writeNoted());
    return this.writing;
  }

  private async writeNoted(): Promise<void> {
    if (this.noted.size === 0) return;
    const written = this.noted;
    this.noted = new Map();
    try {
      await this.keys.markUsed(written);
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed)
        this.logger.warn({ reason: describeError(error) }, 'the last use of keys was not stored; it is kept in memory');
      this.hasFailed = true;
      // What was noted meanwhile is newer.
      this.noted = new Map([...written, ...this.noted]);
    }
  }
}
