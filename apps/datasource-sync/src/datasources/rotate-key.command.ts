import { Inject, Injectable } from '@nestjs/common';
import { rotateSigningKeyBody } from '@signalbox/contracts/http';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { CONFIG, NotOpenable } from '@signalbox/platform';
import type { Config } from '../config.js';
import { refused } from '../requests/refusal.js';
import { checkBody } from '../requests/check-body.js';
import { checkNow, DatasourceChanges, type Change } from './datasource-changes.js';
import type { DatasourceRow, EndpointSettings } from '../store/datasource.row.js';
import { SourceVault } from '../sources/source-vault.js';
import { shownPart } from '../sources/wanted-source.js';

/** Replaces the signing key of an endpoint. For some time requests are signed with the former key too. */
@Injectable()
export class RotateKeyCommand {
  constructor(
    private readonly changes: DatasourceChanges,
    private readonly bodies: SealedBody,
    private readonly vault: SourceVault,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws RequestRefused: bad_request, invalid_value, mode_refused, not_found, wrong_kind, unavailable */
  execute(change: Change): Promise<DatasourceReply> {
    const { signingKey } = checkBody(rotateSigningKeyBody, this.bodies.of(change.request, change.context));
    return this.changes.update(change, ({ row, now }) => {
      if (row.connection !== 'endpoint')
        throw refused('wrong_kind', 'A database has no signing key: register it again with other credentials.');
      const former = this.formerKey(row);
      // The same key again is no rotation: the key before it keeps its time.
      if (former === signingKey) return { ...row, version: row.version + 1, ...checkNow(now) };
      const overlap = former === null ? 0 : this.config.DATASOURCE_KEY_OVERLAP_MS;
      const settings: EndpointSettings = {
        ...(row.settings as EndpointSettings),
        key_last4: shownPart(signingKey),
        former_key_until: overlap === 0 ? null : now.getTime() + overlap,
      };
      return {
        ...row,
        settings,
        sealed: this.vault.seal(row, { signingKey, formerKey: overlap === 0 ? null : former }),
        version: row.version + 1,
        assignment_version: row.assignment_version + 1,
        ...checkNow(now),
      };
    });
  }

  /** Null where it cannot be opened any more. */
  private formerKey(row: DatasourceRow): string | null {
    try {
      return this.vault.endpoint(row).signingKey;
    } catch (error) {
      if (error instanceof NotOpenable) return null;
      throw error;
    }
  }
}
