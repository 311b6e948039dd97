import { Injectable, type OnModuleInit } from '@nestjs/common';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { SealedBody } from '../requests/sealed-body.js';

/** Publishes the key that senders seal bodies with. All processes have the same secrets, and so the same key. */
@Injectable()
export class PublishedKey implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly bodies: SealedBody,
  ) {}

  async onModuleInit(): Promise<void> {
    const { publicKey } = this.bodies;
    await this.database.streamTransaction(datasourcesStream.name, async (transaction) => {
      const changed = await transaction.manager.query<unknown[]>(
        `INSERT INTO service (id, public_key) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET public_key = excluded.public_key WHERE service.public_key <> excluded.public_key
         RETURNING 1`,
        [publicKey],
      );
      if (changed.length > 0) transaction.put(datasourcesStream.entries.service.key(), { public_key: publicKey });
    });
  }
}
