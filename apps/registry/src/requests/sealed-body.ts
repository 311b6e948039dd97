import { Inject, Injectable } from '@nestjs/common';
import { type RegistryRequest } from '@signalbox/contracts/messages';
import { isMembers, type Members } from '@signalbox/contracts/streams';
import { CONFIG, NotOpenable, SealedBox } from '@signalbox/platform';
import type { Config } from '../config.js';
import { refused } from './refusal.js';

/** Opens the bodies of requests, which are sealed because they may contain credentials. */
@Injectable()
export class SealedBody {
  private readonly box: SealedBox;

  constructor(@Inject(CONFIG) { SIGNALBOX_SECRET_KEYS: keys }: Config) {
    this.box = new SealedBox(
      keys.map(({ key }) => key),
      'registry requests',
    );
  }

  get publicKey(): string {
    return this.box.publicKey;
  }

  /** @throws RequestRefused: bad_request where it is not a JSON object; unavailable where it was sealed for another key */
  of({ sealed }: RegistryRequest): Members {
    const body: unknown = sealed === undefined ? undefined : JSON.parse(this.opened(sealed));
    if (isMembers(body)) return body;
    throw refused('bad_request', 'The body must be a JSON object.');
  }
  private opened(sealed: string): string {
    try {
      return this.box.open(sealed);
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      throw refused('unavailable', 'The keys of the registry have just been replaced.');
    }
  }
}
