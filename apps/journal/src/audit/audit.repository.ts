import { Injectable } from '@nestjs/common';
import type { AuditCommand, AuditEntry, AuditRequest } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';

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
  'route',
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
  key: (key) => `key_id = ${key}`,
  action: (action) => `action = ${action}`,
  resource: (resource) => `(resource = ${resource} OR starts_with(resource, ${resource} || '/'))`,
  result: (result) => `result = ${result}`,
  route: (route) => `route = ${route}`,
  address: (address) => `address = ${address}`,
  since: (at) => `at >= to_timestamp(${at} / 1000.0)`,
  until: (at) => `at < to_timestamp(${at} / 1000.0)`,
};

/** Postgres has no text with NUL, which a client may send as a name. */
const storable = <Value>(value: Value): Value | string =>
  typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;

/** The append-only audit trail of all services. */
@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Adds an entry, each action of each request once. Numbers have no gaps, however many processes add entries. */
  async add(entry: AuditCommand): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('signalbox journal audit', 0))`);
      await manager.query(ADD, [entry.at, ...MEMBERS.map((member) => storable(entry[member]))]);
    });
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

  /** Deletes the oldest entries of those that are older. The newest entry stays. @returns how many, at most `most` */
  async deleteOlderThan(days: number, most: number): Promise<number> {
    const [row] = await this.database.dataSource.manager.query<{ count: number }[]>(
      'SELECT delete_old_audit($1, $2) AS count',
      [days, most],
    );
    return row?.count ?? 0;
  }
}
