import { z } from 'zod';

/** Unix ms. */
const instant = z.int().min(0);

export const datasourceConnection = z.enum(['direct', 'endpoint']);
export type DatasourceConnection = z.infer<typeof datasourceConnection>;

export const datasourceStatus = z.enum(['unverified', 'active', 'rejected']);
export type DatasourceStatus = z.infer<typeof datasourceStatus>;

/** What is wrong, in a sentence for people without any secret, and a code for programs. */
export const datasourceError = z.object({ code: z.string(), message: z.string() });
export type DatasourceError = z.infer<typeof datasourceError>;

/**
 * A readiness check that failed: what was looked at, what was found, what to do. The items of the documented system are `server_version`,
 * `wal_level`, `publication`, `replication_role`, `replication_slot_capacity`, `replica_identity`, `table_select`,
 * `snapshot_row_security` and `publication_drift`; ours besides are `reachable`, `tls`, `login`, `schema`, `endpoint` and `signature`.
 */
export const readinessFailure = z.object({ item: z.string(), actual: z.string(), fix: z.string() });
export type ReadinessFailure = z.infer<typeof readinessFailure>;

/** Something that works and should be done otherwise. */
export const readinessAdvisory = z.object({ item: z.string(), recommendation: z.string() });
export type ReadinessAdvisory = z.infer<typeof readinessAdvisory>;

/** Whether the source is as it must be, by the last check that came to its end. */
export const datasourceSetup = z.object({
  /** `incomplete`: the source can be reached and lacks something; `rejected`: it refuses the credentials; `unverified`: not known yet. */
  state: z.enum(['unverified', 'verified', 'incomplete', 'rejected']),
  /** A check that a caller waits for is due or runs. Slow checks of what is not active are not shown. */
  checking: z.boolean(),
  checked_at: instant.nullable(),
  failures: z.array(readinessFailure),
  advisories: z.array(readinessAdvisory),
});
export type DatasourceSetup = z.infer<typeof datasourceSetup>;

export const snapshotProgress = z.object({
  tables: z.int(),
  tables_done: z.int(),
  rows_done: z.int(),
  /** By the statistics of the source; null where it has none. */
  rows_estimated: z.int().nullable(),
  /** 0 to 100. */
  percent: z.number(),
});
export type SnapshotProgress = z.infer<typeof snapshotProgress>;

/** What is being done about the changes of the source. */
export const datasourceSync = z.object({
  /**
   * `idle`: nothing yet; `retrying`: the last attempt failed; `paused`: by a person; `blocked`: it cannot go on until something is done at
   * the source or here (`blocked.fix`).
   */
  state: z.enum(['idle', 'snapshotting', 'streaming', 'polling', 'retrying', 'paused', 'blocked']),
  since: instant,
  snapshot: snapshotProgress.nullable(),
  next_attempt_at: instant.nullable(),
  /** What gave up, where it is retried or blocked. */
  error: datasourceError.nullable(),
  /** What to do, where it is blocked. */
  fix: z.string().nullable(),
});
export type DatasourceSync = z.infer<typeof datasourceSync>;

/** How current the published changes are. */
export const datasourceFreshness = z.object({
  /** When the newest change that was published was made at the source; null: see `unknown_because`. */
  newest_change_at: instant.nullable(),
  unknown_because: z.string().nullable(),
  /** It is known to hold nothing more than what was published; null: not known. */
  drained_at: instant.nullable(),
});
export type DatasourceFreshness = z.infer<typeof datasourceFreshness>;

/** Where the reading of a database stands. LSNs as Postgres writes them. */
export const replicationPosition = z.object({
  slot: z.string(),
  confirmed_lsn: z.string().nullable(),
  source_lsn: z.string().nullable(),
  /** Bytes of WAL between the two. */
  lag_bytes: z.int().nullable(),
  /** Seconds since everything was published that the source had. */
  lag_seconds: z.number().nullable(),
  /** WAL that the source keeps for the slot. */
  retained_wal_bytes: z.int().nullable(),
  wal_limit_bytes: z.int(),
  measured_at: instant.nullable(),
});
export type ReplicationPosition = z.infer<typeof replicationPosition>;

/** A datasource that is active and does not move while its source does. */
export const datasourceStuck = z.object({ since: instant, evidence: z.string() });

/** What a worker knows of the datasource it follows. */
export const followerState = z.object({
  sync: datasourceSync,
  freshness: datasourceFreshness,
  position: replicationPosition.nullable(),
  stuck: datasourceStuck.nullable(),
});
export type FollowerState = z.infer<typeof followerState>;

/** A datasource as datasource-sync shows it. It has no field for a credential. */
export const datasourceEntry = z.object({
  id: z.string(),
  account: z.string(),
  livemode: z.boolean(),
  connection: datasourceConnection,
  status: datasourceStatus,
  metadata: z.record(z.string(), z.string()),
  created_at: instant,
  /** Grows with each change that a caller made. */
  version: z.int().min(1),
  paused: z.boolean(),
  direct: z
    .object({
      host: z.string(),
      port: z.int(),
      database: z.string(),
      schema: z.string(),
      user: z.string(),
      tls: z.string(),
      publication: z.string(),
      slot: z.string(),
    })
    .nullable(),
  endpoint: z
    .object({
      url: z.string(),
      key_last4: z.string().nullable(),
      /** Until when requests are signed with the former key too. */
      former_key_until: instant.nullable(),
      cursor: z.string().nullable(),
      /** Events that were received and are not published yet; null: not known. */
      event_lag: z.int().min(0).nullable(),
      last_request_at: instant.nullable(),
      last_success_at: instant.nullable(),
    })
    .nullable(),
  /** Failures since the last success. */
  retry_count: z.int().min(0),
  last_error: datasourceError.nullable(),
  setup: datasourceSetup,
  ...followerState.shape,
});
export type DatasourceEntry = z.infer<typeof datasourceEntry>;
