import { Inject, Injectable } from '@nestjs/common';
import type { CreatedKey, RotateKeyBody } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { Caller } from '../http/caller.js';
import type { Config } from '../config.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { demandScopesToGive } from './demand-scope.js';
import { demandNoToken } from './key-required.js';
import { keyAlreadyRotated, keyExpired, keyNotFound, keyRevoked } from './key-errors.js';
import { scopesOf } from './key-scopes.js';
import { demandRoom, newKey } from './new-key.js';
import type { ApiKeyRow } from './persistence/api-key.entity.js';
import { toApiKey } from './persistence/api-key.mapper.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';

/** Replaces a key by a new one with the same rules. Both work on this process when the promise resolves. */
@Injectable()
export class RotateKeyCommand {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws ApiError 403 a token or more scopes than the caller has, 404 unknown, 409 revoked, expired, already rotated or quota_exceeded */
  async execute(
    id: string,
    { overlap_seconds: overlap }: RotateKeyBody,
    caller: Caller,
    by: AskedBy,
  ): Promise<CreatedKey> {
    demandNoToken(caller);
    const now = this.clock.now();
    let made: { key: string; row: ApiKeyRow } | undefined;
    const written = await this.keys.rotate(id, new Date(now + overlap * 1_000), {
      demandRoom: demandRoom(this.config.SIGNALBOX_QUOTAS),
      succeed: (replaced) => {
        demandScopesToGive(caller, scopesOf(replaced));
        demandValid(replaced, now);
        made = successorOf(replaced, { createdAt: new Date(now), createdBy: caller.id });
        return made.row;
      },
      audit: ({ id: rotated_to, name }) =>
        auditOf(by, { at: now, action: 'rotate-key', resource: id, detail: { name, rotated_to } }),
    });
    if (written === undefined || made === undefined) throw keyNotFound(id);
    await this.writes.visible(written);
    return { ...toApiKey(made.row), key: made.key };
  }
}

function demandValid({ id, revokedAt, expiresAt, rotatedTo }: ApiKeyRow, now: number): void {
  if (revokedAt !== null) throw keyRevoked(id);
  if (rotatedTo !== null) throw keyAlreadyRotated(id, rotatedTo);
  if (expiresAt !== null && expiresAt.getTime() <= now) throw keyExpired(id);
}

/** A key that ends is replaced by one that lasts as long as it did from the beginning. */
function successorOf(replaced: ApiKeyRow, made: Pick<ApiKeyRow, 'createdAt' | 'createdBy'>) {
  const { id, name, role, kind, mode, scopes, networks, account, readers, dataplane, createdAt, expiresAt } = replaced;
  const end = expiresAt && new Date(made.createdAt.getTime() + expiresAt.getTime() - createdAt.getTime());
  const rules = { name, role, kind, mode, scopes, networks, account, readers, dataplane, ...made };
  return newKey({ ...rules, expiresAt: end, rotatedFrom: id });
}
