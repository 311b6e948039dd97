import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ApiError } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { KeyRing } from './key-ring.js';
import type { ApiKeyRow } from './persistence/api-key.entity.js';
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
  async execute(id: string): Promise<void> {
    const now = this.clock.now();
    const written = await this.keys.revoke(id, new Date(now), (key, admins) => forbidLastAdmin(key, admins, now));
    if (written === undefined && (await this.keys.find(id)) === null) {
      throw new ApiError({ status: 404, code: 'key_not_found', detail: `There is no key ${id}.` });
    }
    // Also when another process revoked it: its delta may not have arrived here yet.
    this.ring.revoke(id);
    if (written !== undefined) await this.writes.visible(written);
  }
}

function forbidLastAdmin(key: ApiKeyRow, admins: ApiKeyRow[], now: number): void {
  const others = admins.filter(
    ({ id, expiresAt }) => id !== key.id && (expiresAt === null || expiresAt.getTime() > now),
  );
  if (key.role !== 'admin' || others.length > 0) return;
  throw new ApiError({
    status: 409,
    code: 'last_admin_key',
    detail: 'This is the last key of an admin: without it no other one could be created.',
    suggestion: 'Create another admin key first.',
  });
}
