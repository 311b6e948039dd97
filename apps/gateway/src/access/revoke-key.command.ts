import { Inject, Injectable } from '@nestjs/common';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { keyNotFound, lastAdminKey } from './key-errors.js';
import { KeyRing } from './key-ring.js';
import { isLastAdmin } from './last-admin.rules.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';

/** Revokes a key for good. It is refused on this process when the promise resolves; again is the same. */
@Injectable()
export class RevokeKeyCommand {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly ring: KeyRing,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 404 unknown, 409 the last key of an admin */
  async execute(id: string, by: AskedBy): Promise<void> {
    const now = this.clock.now();
    const written = await this.keys.revoke(id, new Date(now), {
      forbid: (key, admins) => {
        if (isLastAdmin(key, admins, now)) throw lastAdminKey();
      },
      audit: ({ name }) => auditOf(by, { at: now, action: 'revoke-key', resource: id, detail: { name } }),
    });
    if (written === undefined && (await this.keys.find(id)) === null) throw keyNotFound(id);
    // Also when another process revoked it: its delta may not have arrived here yet.
    this.ring.revoke(id);
    if (written !== undefined) await this.writes.visible(written);
  }
}
