import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { recordKeyChange, SealedBody } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';

const service = 'datasource-sync';

/** Publishes the key that senders seal bodies with. All processes have the same secrets, and so the same key. */
@Injectable()
export class PublishedKey implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly bodies: SealedBody,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): Promise<void> {
    return this.publish();
  }

  /** Does nothing where it is published already. */
  async publish(): Promise<void> {
    const { publicKey } = this.bodies;
    await this.database.streamTransaction(datasourcesStream.name, async (transaction) => {
      const { manager } = transaction;
      // Several processes may start at once: one of them records the change.
      await transaction.lock('public key of datasource-sync');
      const [before] = await manager.query<{ public_key: string }[]>('SELECT public_key FROM service');
      if (before?.public_key === publicKey) return;
      await manager.query(
        'INSERT INTO service (id, public_key) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET public_key = excluded.public_key',
        [publicKey],
      );
      transaction.put(datasourcesStream.entries.service.key(), { public_key: publicKey });
      recordKeyChange(transaction, { service, before: before?.public_key, publicKey, at: this.clock.now() });
    });
  }
}
