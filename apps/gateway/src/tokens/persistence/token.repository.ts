import { Injectable } from '@nestjs/common';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { gatewayStream, type SigningKeyEntry } from '@signalbox/contracts/streams';
import { recordAudit } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { IsNull, MoreThan } from 'typeorm';
import { ApiKeyRow } from '../../access/persistence/api-key.entity.js';
import type { Written } from '../../access/persistence/written.js';
import { needSigningKey } from './need-signing-key.js';
import { TokenRow } from './token.entity.js';

/** The most rows a list gives. */
const LIST_LIMIT = 1_000;

const { revokedToken } = gatewayStream.entries;

@Injectable()
export class TokenRepository {
  constructor(private readonly database: Database) {}

  /** Those that have not expired, the newest first. @param keyId of this key only */
  list(at: Date, keyId?: string): Promise<TokenRow[]> {
    const query = this.rows()
      .createQueryBuilder('token')
      .innerJoin(ApiKeyRow, 'key', 'key.id = token.key_id')
      .addSelect('key.revoked_at', 'key_revoked_at')
      .where('token.expires_at > :at', { at })
      .orderBy('token.created_at', 'DESC')
      .addOrderBy('token.id', 'DESC')
      .limit(LIST_LIMIT);
    if (keyId !== undefined) query.andWhere('token.key_id = :keyId', { keyId });
    return query.getRawAndEntities<{ key_revoked_at: Date | null }>().then(({ entities, raw }) =>
      // A token is revoked with its key.
      entities.map((row, at) => Object.assign(row, { revokedAt: row.revokedAt ?? raw[at]!.key_revoked_at })),
    );
  }

  /** Those that have not expired. */
  count(keyId: string, at: Date): Promise<number> {
    return this.rows().countBy({ keyId, expiresAt: MoreThan(at) });
  }

  /**
   * Adds the token, and its signing key to the table and to the stream if it is not there. The token's key is locked
   * meanwhile, so that it is not revoked.
   * @returns undefined where the key was revoked
   */
  async add(
    row: TokenRow,
    signingKey: SigningKeyEntry,
    audit: AuditCommand,
  ): Promise<{ seq?: number | undefined } | undefined> {
    const { result, seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      const isValid = await manager.findOne(ApiKeyRow, {
        where: { id: row.keyId, revokedAt: IsNull() },
        lock: { mode: 'pessimistic_read' },
      });
      if (isValid === null) return undefined;
      await needSigningKey(transaction, signingKey, row.expiresAt);
      await manager.insert(TokenRow, row);
      recordAudit(transaction, audit);
      return {};
    });
    return result && { seq };
  }

  /** Keeps a signing key for something else than a token. */
  async keepSigningKey(signingKey: SigningKeyEntry, until: Date): Promise<void> {
    await this.database.streamTransaction(gatewayStream.name, (transaction) =>
      needSigningKey(transaction, signingKey, until),
    );
  }

  find(id: string): Promise<TokenRow | null> {
    return this.rows().findOneBy({ id });
  }

  /** Revokes the token in the table and in the stream, in one transaction. @returns undefined where it was revoked before */
  async revoke(id: string, at: Date, audit: AuditCommand): Promise<Written | undefined> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      const where = { id, revokedAt: IsNull() };
      const row = await manager.findOne(TokenRow, { where, lock: { mode: 'pessimistic_write' } });
      if (row === null) return;
      await manager.update(TokenRow, { id }, { revokedAt: at });
      transaction.put(revokedToken.key(id), { id, expires_at: row.expiresAt.getTime() });
      recordAudit(transaction, audit);
    });
    return seq === undefined ? undefined : { seq };
  }

  private rows() {
    return this.database.dataSource.getRepository(TokenRow);
  }
}
