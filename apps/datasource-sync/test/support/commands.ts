import type { DatasourceReply } from '@signalbox/contracts/messages';
import type { Database } from '@signalbox/persistence';
import { systemClock, type Clock } from '@signalbox/platform';
import type { Config } from '../../src/config.js';
import { CreateDatasourceCommand } from '../../src/datasources/create-datasource.command.js';
import { DatasourceChanges } from '../../src/datasources/datasource-changes.js';
import { DeleteDatasourceCommand } from '../../src/datasources/delete-datasource.command.js';
import { PatchDatasourceCommand } from '../../src/datasources/patch-datasource.command.js';
import { ResyncDatasourceCommand } from '../../src/datasources/resync-datasource.command.js';
import { RotateKeyCommand } from '../../src/datasources/rotate-key.command.js';
import { VerifyDatasourceCommand } from '../../src/datasources/verify-datasource.command.js';
import { LEASE_TIMES_USED } from '../../src/process/lease-times.js';
import { SyncProcess } from '../../src/process/sync-process.js';
import { SourceVault } from '../../src/sources/source-vault.js';
import { asked, sealedBodyOf } from './store.js';

export const DIRECT = { connectionString: 'postgres://reader:canary-password@db.example.com/shop?sslmode=verify-full' };
export const ENDPOINT = { endpoint: 'https://api.example.com/ablo', signingKey: 'sk_canary_signing_key' };

/** Waits that are a few seconds long for a person end early for a test. */
const hurried: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() * 20 };

/** The commands, as one process has them. */
export class Commands {
  readonly vault: SourceVault;
  readonly create: CreateDatasourceCommand;
  readonly patch: PatchDatasourceCommand;
  readonly remove: DeleteDatasourceCommand;
  readonly verify: VerifyDatasourceCommand;
  readonly resync: ResyncDatasourceCommand;
  readonly rotate: RotateKeyCommand;

  constructor(
    private readonly database: Database,
    private readonly config: Config,
    own = new SyncProcess(database, systemClock, LEASE_TIMES_USED),
  ) {
    const bodies = sealedBodyOf(config);
    const changes = new DatasourceChanges(database, systemClock);
    this.vault = new SourceVault(config);
    this.create = new CreateDatasourceCommand(changes, bodies, this.vault, own, config);
    this.patch = new PatchDatasourceCommand(changes, bodies);
    this.remove = new DeleteDatasourceCommand(changes, database, hurried);
    this.verify = new VerifyDatasourceCommand(changes);
    this.resync = new ResyncDatasourceCommand(changes);
    this.rotate = new RotateKeyCommand(changes, bodies, this.vault, config);
  }

  async created(body: unknown, request = {}): Promise<DatasourceReply['datasource']> {
    return (await this.create.execute(asked(this.config, { body, ...request }))).datasource;
  }

  /** As a check that found it ready, and a follower, leave it. */
  async setActive(id: string): Promise<void> {
    await this.database.dataSource.query(
      `UPDATE datasource SET status = 'active', was_active = true, checking = false, check_due_at = NULL,
         position = '{"lsn":"0/1"}', is_changed = true WHERE id = $1`,
      [id],
    );
  }
}
