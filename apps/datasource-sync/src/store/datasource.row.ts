import type { KeyMode } from '@signalbox/contracts/http';
import type {
  DatasourceConnection,
  DatasourceError,
  DatasourceSetup,
  DatasourceStatus,
  FollowerState,
} from '@signalbox/contracts/streams';
import type { JsonValue } from '@signalbox/platform';
import type { DirectSource } from '../work/assignment.js';
import type { EndpointProgress } from '../work/follower.js';

/** A `DirectSource` without its credential. */
export type DirectSettings = Omit<DirectSource, 'password'>;

export interface EndpointSettings {
  readonly url: string;
  /** Null for a key that is so short that four characters would say too much of it. */
  readonly key_last4: string | null;
  /** Unix ms. */
  readonly former_key_until: number | null;
}

/** What the last check that came to its end found. */
export type CheckFindings = Pick<DatasourceSetup, 'state' | 'failures' | 'advisories'>;

/** A row of the table `datasource`. */
export interface DatasourceRow {
  readonly id: string;
  readonly account: string;
  readonly mode: KeyMode;
  readonly connection: DatasourceConnection;
  /** Of the source: an account registers a source once in each mode. */
  readonly identity: string;
  readonly settings: DirectSettings | EndpointSettings;
  /** The credentials, sealed for this datasource and its target. */
  readonly sealed: string;
  readonly metadata: Record<string, string>;
  /** Grows with each change that a caller made. */
  readonly version: number;
  /** Grows with each of them that changes what is read, or with which credentials. */
  readonly assignment_version: number;
  /** Grows with each resync. */
  readonly generation: number;
  readonly paused_at: Date | null;
  /** It is not shown any more, and stays until its slot is dropped. */
  readonly is_deleting: boolean;
  readonly deleted_at: Date | null;
  readonly created_at: Date;

  readonly status: DatasourceStatus;
  /** Whether it ever was active: something may have been made at the source. */
  readonly was_active: boolean;
  readonly refusals: number;
  readonly refused_since: Date | null;
  readonly retry_count: number;
  readonly last_error: DatasourceError | null;

  /** A check that a caller waits for is due or runs. */
  readonly checking: boolean;
  readonly check_due_at: Date | null;
  readonly checked_at: Date | null;
  /** Checks in a row that did not find it ready. */
  readonly check_failures: number;
  readonly findings: CheckFindings;

  /** What the last worker reported; null: none did yet. */
  readonly follower: FollowerState | null;
  readonly progress: EndpointProgress | null;
  /** What the follower stored last: JSON that only followers read. */
  readonly position: JsonValue;

  /** The process that works on it: see `sync_process`. */
  readonly holder: string | null;
  /** Grows each time a process takes it over. */
  readonly fence: number;
  /** Its holder has not read it since its assignment, or the time of its check, changed. */
  readonly is_changed: boolean;
}
