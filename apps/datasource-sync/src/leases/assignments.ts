import { Inject, Injectable } from '@nestjs/common';
import { allowedTargetsOf } from '@signalbox/network-policy';
import { CONFIG, LOGGER, NotOpenable, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { SourceVault } from '../sources/source-vault.js';
import type { DatasourceRow, DirectSettings, EndpointSettings } from '../store/datasource.row.js';
import type { Assignment } from '../work/assignment.js';
import type { HeldRow } from './lease.repository.js';
import { taskOf } from './task.rules.js';

/** Makes what workers get of rows: everything they need, with the credentials. */
@Injectable()
export class Assignments {
  constructor(
    private readonly vault: SourceVault,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Undefined where the key that sealed the credentials is not configured any more. */
  openable(row: HeldRow): Assignment | undefined {
    try {
      return this.of(row, row.read_at.getTime());
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      this.logger.error({ datasource: row.id, reason: error.message }, 'credentials of a datasource cannot be opened');
      return undefined;
    }
  }

  private of(row: DatasourceRow, now: number): Assignment {
    const common = {
      id: row.id,
      fence: row.fence,
      version: row.assignment_version,
      livemode: row.mode === 'live',
      targets: allowedTargetsOf(this.config),
      task: taskOf(row),
      position: row.position,
      generation: row.generation,
    };
    if (row.connection === 'direct')
      return {
        ...common,
        connection: 'direct',
        source: { ...(row.settings as DirectSettings), ...this.vault.direct(row) },
        walLimitBytes: this.config.DATASOURCE_WAL_LIMIT_BYTES,
      };
    return {
      ...common,
      connection: 'endpoint',
      source: { url: (row.settings as EndpointSettings).url, signingKeys: this.signingKeys(row, now) },
      pollIntervalMs: this.config.DATASOURCE_POLL_INTERVAL_MS,
    };
  }

  private signingKeys(row: DatasourceRow, now: number): string[] {
    const { signingKey, formerKey } = this.vault.endpoint(row);
    const { former_key_until: until } = row.settings as EndpointSettings;
    return formerKey !== null && until !== null && until > now ? [signingKey, formerKey] : [signingKey];
  }
}

/** Whether the work on one ends for the other. */
export const isSameWork = (one: Assignment, other: Assignment): boolean =>
  one.fence === other.fence &&
  one.version === other.version &&
  one.generation === other.generation &&
  one.task === other.task;
