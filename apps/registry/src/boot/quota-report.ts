import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { CONFIG, LOGGER, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { TreeReader, type TreeQuota } from '../tree/tree-reader.js';

/** Reports what a start loaded beyond its quota: the configuration file is loaded whatever the quotas are. */
@Injectable()
export class QuotaReport {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async execute(): Promise<void> {
    const used = await new TreeReader(this.database.dataSource.manager).used();
    for (const [quota, count] of Object.entries(used) as [TreeQuota, number][]) {
      const limit = this.config.SIGNALBOX_QUOTAS[quota];
      if (count > limit)
        this.logger.warn({ quota, used: count, limit }, 'more than the quota permits, nothing can be added');
    }
  }
}
