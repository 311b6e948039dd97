import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { directBody, endpointBody, quotaMessage, type KeyMode } from '@signalbox/contracts/http';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { allowedTargetsOf } from '@signalbox/network-policy';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';
import { SyncProcess } from '../process/sync-process.js';
import { refused } from '../requests/refusal.js';
import { checkBody } from '../requests/check-body.js';
import { DatasourceChanges, type Change } from './datasource-changes.js';
import { idOf, newRow, newSuffix, slotOf } from './new-row.js';
import type { DatasourceTransaction } from '../store/datasource-transaction.js';
import type { DatasourceRow } from '../store/datasource.row.js';
import { registeredAgain } from './registered-again.js';
import { SourceVault } from '../sources/source-vault.js';
import { wantedDirect, wantedEndpoint, type WantedSource } from '../sources/wanted-source.js';

const MOST_OF_AN_ACCOUNT = 10_000;

interface Wanted {
  readonly account: string;
  readonly mode: KeyMode;
  readonly source: WantedSource;
  /** Undefined: the metadata stays as it is. */
  readonly metadata: Record<string, string> | undefined;
}

/** Registers a source, or registers one again with other credentials. It is checked at once. */
@Injectable()
export class CreateDatasourceCommand {
  constructor(
    private readonly changes: DatasourceChanges,
    private readonly bodies: SealedBody,
    private readonly vault: SourceVault,
    private readonly process: SyncProcess,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws RequestRefused: bad_request, invalid_value, mode_refused, target_refused, too_many, quota_exceeded, unavailable */
  execute(change: Change): Promise<DatasourceReply> {
    const wanted = this.wanted(change);
    return this.changes.run(change, async (transaction) => {
      const { account, mode, source } = wanted;
      await transaction.lockAccount(account);
      const now = await transaction.now();
      const row = await transaction.takeSame({ ...source, account, mode });
      if (row === undefined) return this.insert(transaction, wanted, now);
      const next = registeredAgain(row, { source, metadata: wanted.metadata, now, vault: this.vault });
      await transaction.update([next]);
      return next;
    });
  }

  private wanted({ request, context }: Change): Wanted {
    const { account, mode } = request;
    const body = this.bodies.of(request, context);
    const targets = allowedTargetsOf(this.config);
    const kinds = ['connectionString', 'endpoint'].filter((member) => body[member] !== undefined);
    if (kinds.length !== 1)
      throw refused('bad_request', 'Send either connectionString, to register a database, or endpoint and signingKey.');
    if (kinds[0] === 'connectionString') {
      const direct = checkBody(directBody, body);
      return { account, mode, source: wantedDirect(direct, targets), metadata: direct.metadata };
    }
    const endpoint = checkBody(endpointBody, body);
    const { environment = mode, metadata } = endpoint;
    if (environment === 'live' && mode === 'test')
      throw refused('mode_refused', 'A test key registers datasources of the environment test only.');
    const source = wantedEndpoint(endpoint, { livemode: environment === 'live', targets });
    return { account, mode: environment, source, metadata };
  }

  private async insert(
    transaction: DatasourceTransaction,
    { account, mode, source, metadata = {} }: Wanted,
    now: Date,
  ): Promise<DatasourceRow> {
    if ((await transaction.countOf(account)) >= MOST_OF_AN_ACCOUNT)
      throw refused(
        'too_many',
        `The account has ${MOST_OF_AN_ACCOUNT} datasources already, with those whose deletion has not ended.`,
      );
    const { datasources: most } = this.config.SIGNALBOX_QUOTAS;
    const used = await transaction.countOfAll();
    if (used >= most) throw refused('quota_exceeded', quotaMessage('datasources', { most, used }));
    const { connection, identity } = source;
    const suffix = newSuffix(() => randomBytes(1)[0]!);
    const id = idOf({ connection, mode }, suffix);
    const settings = source.connection === 'direct' ? { ...source.settings, slot: slotOf(suffix) } : source.settings;
    const sealed = this.vault.seal({ id, connection, settings }, source.credentials);
    const holder = this.process.current();
    const row = newRow({ id, account, mode, connection, identity, settings, sealed, metadata, now, holder });
    await transaction.insert(row);
    return row;
  }
}
