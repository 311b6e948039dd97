import { escapeIdentifier, type Client } from 'pg';
import type { DirectSource } from '../../work/assignment.js';

export interface PublishedMember {
  readonly oid: string;
  /** What makes it a member of the publication: another one means that changes may have been missed. */
  readonly member: string;
}

export interface PublishedTable extends PublishedMember {
  readonly name: string;
  /** With its schema, quoted. */
  readonly quoted: string;
  readonly isFull: boolean;
  /** Its rows are in its partitions, which are published as this table. */
  readonly isPartitioned: boolean;
  readonly columns: readonly { readonly name: string; readonly oid: number; readonly type: string | undefined }[];
  /** Of the replica identity; of a table with `REPLICA IDENTITY FULL` of the primary key. Empty: it has none, or not all of it is published. */
  readonly key: readonly string[];
  /** The places of the key among the columns, at all times; null: a column before it was dropped, and they were others before. */
  readonly keyIsAt: readonly number[] | null;
  /** Which rows are published; null: all. */
  readonly filter: string | null;
  /** By the statistics of the server; null: none. */
  readonly estimate: number | null;
}

interface Row {
  oid: string;
  member: string;
  name: string;
  identity: string;
  kind: string;
  columns: string | null;
  key: string | null;
  /** The number of the first column that was dropped. */
  dropped: string | null;
  filter: string | null;
  estimate: string;
}

const MEMBER = `concat_ws(':', p.oid, coalesce(
  (SELECT r.oid FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid), 0)) AS member`;
const MEMBERS = `
  FROM pg_publication p, pg_publication_tables t, pg_class c
  WHERE p.pubname = $2 AND t.pubname = p.pubname AND t.schemaname = $1
    AND c.relname = t.tablename AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = $1)`;

/**
 * Of a column `a` in a published table `t`. `to_jsonb`: the lists of columns and the filters are there from PostgreSQL 15. Generated columns may
 * be in the stream from 18, and are in `attnames` then.
 */
export const IS_SENT = `((a.attgenerated = '' OR current_setting('server_version_num')::int >= 180000)
  AND (to_jsonb(t) -> 'attnames' IS NULL OR to_jsonb(t) -> 'attnames' ? a.attname::text))`;

const TABLES = `
  SELECT c.oid, ${MEMBER},
    c.relname AS name, c.relreplident AS identity, c.relkind AS kind, c.reltuples::float8 AS estimate, to_jsonb(t) ->> 'rowfilter' AS filter,
    (SELECT json_agg(json_build_object('n', a.attnum, 'name', a.attname, 'oid', coalesce(nullif(y.typbasetype, 0), y.oid)::int8,
        'type', CASE WHEN y.typtype <> 'd' AND y.typnamespace <> 'pg_catalog'::regnamespace
          THEN CASE WHEN y.typcategory = 'A' THEN '_' ELSE '' END || y.typname END) ORDER BY a.attnum)
      FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${IS_SENT}) AS columns,
    (SELECT json_agg(a.attname ORDER BY k.n) FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(attnum, n)
        JOIN pg_attribute a ON a.attnum = k.attnum
      WHERE i.indrelid = c.oid AND a.attrelid = c.oid AND i.indisvalid AND k.n <= i.indnkeyatts
        AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END) AS key,
    (SELECT min(a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attisdropped) AS dropped
  ${MEMBERS}
  ORDER BY c.relname`;

/** Little work for the server: it is asked often. */
export async function publishedMembers(
  client: Client,
  { schema, publication }: DirectSource,
): Promise<PublishedMember[]> {
  const { rows } = await client.query<PublishedMember>(`SELECT c.oid, ${MEMBER} ${MEMBERS}`, [schema, publication]);
  return rows;
}

/** The tables of the schema that are published, in the order in which they are read. */
export async function publishedTables(
  client: Client,
  { schema, publication }: DirectSource,
): Promise<PublishedTable[]> {
  const { rows } = await client.query<Row>(TABLES, [schema, publication]);
  return rows.map((row) => tableOf(row, schema));
}

function tableOf({ oid, member, name, identity, kind, filter, estimate, ...row }: Row, schema: string): PublishedTable {
  const columns = JSON.parse(row.columns ?? '[]') as { n: number; name: string; oid: number; type: string | null }[];
  const all = JSON.parse(row.key ?? '[]') as string[];
  const places = all.map((part) => columns.findIndex((column) => column.name === part));
  // Part of a key does not identify a row.
  const isWhole = !places.includes(-1);
  const isKept = isWhole && places.every((at) => row.dropped === null || columns[at]!.n < Number(row.dropped));
  return {
    oid,
    member,
    name,
    quoted: `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
    isFull: identity === 'f',
    isPartitioned: kind === 'p',
    columns: columns.map((column) => ({ name: column.name, oid: column.oid, type: column.type ?? undefined })),
    key: isWhole ? all : [],
    keyIsAt: isKept ? places : null,
    filter,
    estimate: Number(estimate) > 0 ? Number(estimate) : null,
  };
}
