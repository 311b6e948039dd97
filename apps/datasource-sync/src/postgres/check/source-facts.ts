import type { Client } from 'pg';
import type { DirectSource } from '../../work/assignment.js';
import { IS_SENT } from '../snapshot/published-tables.js';

/** What a check looks at, as the server says it: `t` and `f` for booleans, null where there is nothing. */
export interface ServerFacts {
  readonly version_num: string;
  readonly version: string;
  readonly wal_level: string;
  readonly superuser: string;
  readonly bypasses_rls: string;
  readonly may_replicate: string;
  readonly schema_exists: string;
  readonly schema_usage: string;
  readonly slots: string;
  readonly max_slots: string;
  readonly own_slot: string;
  readonly wal_keep: string | null;
  readonly publication: string | null;
  readonly publishes: string | null;
  readonly unpublished: string;
  readonly elsewhere: string;
}

export interface TableFacts {
  readonly name: string;
  readonly quoted: string;
  readonly identified: string;
  readonly identity_sent: string;
  readonly selectable: string;
  readonly row_security: string;
}

export interface SourceFacts {
  readonly server: ServerFacts;
  readonly tables: readonly TableFacts[];
}

const SERVER = `
  SELECT current_setting('server_version_num') AS version_num, current_setting('server_version') AS version,
    current_setting('wal_level') AS wal_level, r.rolsuper AS superuser, r.rolbypassrls AS bypasses_rls,
    r.rolsuper OR r.rolreplication OR EXISTS (
      SELECT FROM pg_roles g WHERE g.rolname = 'rds_replication' AND pg_has_role(r.oid, g.oid, 'member')) AS may_replicate,
    n.oid IS NOT NULL AS schema_exists, coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
    (SELECT count(*) FROM pg_replication_slots) AS slots, current_setting('max_replication_slots') AS max_slots,
    EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $3) AS own_slot,
    current_setting('max_slot_wal_keep_size', true) AS wal_keep, p.pubname AS publication,
    concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
      CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publishes,
    (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND c.relpersistence = 'p' AND NOT EXISTS (
      SELECT FROM pg_publication_tables t WHERE t.pubname = $2 AND t.schemaname = $1 AND t.tablename = c.relname)) AS unpublished,
    (SELECT count(*) FROM pg_publication_tables t WHERE t.pubname = $2 AND t.schemaname <> $1) AS elsewhere
  FROM pg_roles r LEFT JOIN pg_namespace n ON n.nspname = $1 LEFT JOIN pg_publication p ON p.pubname = $2
  WHERE r.rolname = current_user`;

const TABLES = `
  SELECT c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted,
    c.relreplident = 'f' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND (
      (c.relreplident = 'd' AND i.indisprimary) OR (c.relreplident = 'i' AND i.indisreplident))) AS identified,
    CASE c.relreplident WHEN 'f' THEN NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND (a.attgenerated = '' OR current_setting('server_version_num')::int >= 180000) AND NOT ${IS_SENT})
      ELSE NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
          AND array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts AND NOT ${IS_SENT}) END AS identity_sent,
    has_table_privilege(c.oid, 'SELECT') AS selectable, row_security_active(c.oid) AS row_security
  FROM pg_publication_tables t JOIN pg_namespace n ON n.nspname = t.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
  WHERE t.pubname = $2 AND t.schemaname = $1 ORDER BY 1 LIMIT 10000`;

export async function readFacts(client: Client, { schema, publication, slot }: DirectSource): Promise<SourceFacts> {
  const server = await client.query<ServerFacts>(SERVER, [schema, publication, slot]);
  const [row] = server.rows;
  if (!row) throw new Error('the server does not know the role of its own session');
  const tables = await client.query<TableFacts>(TABLES, [schema, publication]);
  return { server: row, tables: tables.rows };
}
