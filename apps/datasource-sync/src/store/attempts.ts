import type { DatasourceAttempt } from '@signalbox/contracts/messages';
import { storableJson } from './storable-json.rules.js';

/** Kept of each datasource. */
const KEPT = 200;

export interface NewAttempt extends Omit<DatasourceAttempt, 'id' | 'at'> {
  readonly datasource: string;
  readonly at: Date;
}

type Query = <Row extends object>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

const INSERT = `
  INSERT INTO attempt (datasource, at, kind, outcome, duration_ms, published, error)
  SELECT datasource, at, kind, outcome, duration_ms, published, error FROM json_populate_recordset(NULL::attempt, $1)`;

const TRIM = `
  DELETE FROM attempt USING unnest($1::text[]) AS changed (id)
  WHERE attempt.datasource = changed.id AND attempt.id <=
    (SELECT kept.id FROM attempt AS kept WHERE kept.datasource = changed.id ORDER BY kept.id DESC OFFSET ${KEPT} LIMIT 1)`;

/** Appends to the logs of attempts, of which the oldest are dropped. */
export async function appendAttempts(query: Query, attempts: readonly NewAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await query(INSERT, [storableJson(attempts)]);
  await query(TRIM, [[...new Set(attempts.map(({ datasource }) => datasource))]]);
}

/** No attempt is kept for longer than a week. */
export const REMOVE_OLD_ATTEMPTS = `DELETE FROM attempt WHERE at < now() - interval '7 days'`;
