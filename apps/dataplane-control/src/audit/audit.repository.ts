import { Injectable } from '@nestjs/common';
import type { AuditCommand, AuditEntry, AuditRequest } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';
import type { EntityManager } from 'typeorm';

/** What an entry has besides its number and its time. */
const MEMBERS = [
  'action',
  'resource',
  'key_id',
  'name',
  'via',
  'token_id',
  'role',
  'account',
  'address',
  'request_id',
  'result',
  'detail',
] as const satisfies (keyof AuditCommand)[];

const ADD = `
  INSERT INTO audit (number, at, ${MEMBERS.join(', ')})
  SELECT (SELECT coalesce(max(number), 0) + 1 FROM audit), to_timestamp($1 / 1000.0), ${MEMBERS.map((_, at) => `$${at + 2}`).join(', ')}
  WHERE NOT EXISTS (SELECT FROM audit WHERE request_id = $${MEMBERS.indexOf('request_id') + 2} AND action = $${MEMBERS.indexOf('action') + 2})`;

const SELECT = `SELECT number::float8, round(extract(epoch FROM at) * 1000)::float8 AS at, ${MEMBERS.join(', ')} FROM audit`;

/** Each with one parameter. */
const CONDITIONS: Readonly<Record<Exclude<keyof AuditRequest, 'limit'>, (parameter: string) => string>> = {
  before: (number) => `number < ${number}::bigint`,
  actor: (actor) => `(key_id = ${actor} OR name = ${actor})`,
  action: (action) => `action = ${action}`,
  resource: (resource) => `(resource = ${resource} OR starts_with(resource, ${resource} || '/'))`,
  since: (at) => `at >= to_timestamp(${at} / 1000.0)`,
  until: (at) => `at < to_timestamp(${at} / 1000.0)`,
};

/** Postgres has no text with NUL, which a client may send as a name. */
const storable = <Value>(value: Value): Value | string =>
  typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;

/**
 * The newest entry stays: the next number follows from it. Entries are recorded in the order of their numbers, so that only the first ones
 * are looked at.
 */
const DELETE_OLD = `
  WITH oldest AS (SELECT number, recorded_at FROM audit ORDER BY number LIMIT $2),
  deleted AS (
    DELETE FROM audit USING oldest
    WHERE audit.number = oldest.number AND oldest.recorded_at < now() - make_interval(days => $1)
      AND audit.number < (SELECT max(number) FROM audit)
    RETURNING 1
  )
  SELECT count(*)::int AS count FROM deleted`;

/** The append-only audit trail of all services. */
@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Adds an entry, each action of each request once. Numbers have no gaps. */
  async add(manager: EntityManager, entry: AuditCommand): Promise<void> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('audit', 0))`);
    await manager.query(ADD, [entry.at, ...MEMBERS.map((member) => storable(entry[member]))]);
  }

  /** A page of the trail, the newest first. */
  page({ limit, ...filters }: AuditRequest): Promise<AuditEntry[]> {
    const wanted = (Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]).filter((name) => filters[name] !== null);
    const where = wanted.map((name, at) => CONDITIONS[name](`$${at + 2}`)).join(' AND ');
    return this.database.dataSource.manager.query<AuditEntry[]>(
      `${SELECT} ${where && `WHERE ${where}`} ORDER BY number DESC LIMIT $1`,
      [limit, ...wanted.map((name) => filters[name])],
    );
  }

  /** Deletes the oldest entries of those that are older. @returns how many, at most `most` */
  async deleteOlderThan(days: number, most: number): Promise<number> {
    const [row] = await this.database.dataSource.manager.query<{ count: number }[]>(DELETE_OLD, [days, most]);
    return row?.count ?? 0;
  }
}
