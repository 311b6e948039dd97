import { NotYet } from '@signalbox/persistence';
import { ConfigError } from '@signalbox/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the catalog says of the former trail, without any right to it. */
interface Former {
  readonly name: 'audit' | 'former_audit';
  readonly is_readable: boolean;
  readonly is_own: boolean;
}

const FORMER = `
  SELECT relname AS name, pg_has_role(relowner, 'USAGE') AS is_own,
    has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT') AS is_readable
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE nspname = 'dataplane_control' AND relname IN ('audit', 'former_audit') AND relkind = 'r'`;

const COLUMNS =
  'number, at, action, resource, key_id, name, via, token_id, role, account, address, request_id, result, detail, recorded_at';

/**
 * Takes over the entries that dataplane-control kept before, with their numbers. It has to have migrated first: then it adds no more, and
 * its table is called `former_audit` if there are entries in it.
 */
export class TakeOverAudit1796169600001 implements MigrationInterface {
  readonly name = 'TakeOverAudit1796169600001';

  async up(runner: QueryRunner): Promise<void> {
    const [former] = (await runner.query(FORMER)) as Former[];
    if (former === undefined) return;
    if (former.name === 'audit')
      throw new NotYet('dataplane-control kept the audit trail and has not been started in this release yet');
    if (!former.is_readable) throw await notReadable(runner);
    await runner.query(`INSERT INTO audit (${COLUMNS}) SELECT ${COLUMNS} FROM dataplane_control.former_audit`);
    // Where each service has an owner of its own, dataplane-control's table stays, and nothing uses it.
    if (former.is_own) await runner.query('DROP TABLE dataplane_control.former_audit');
  }

  async down(): Promise<void> {
    // The entries go with their table.
  }
}

async function notReadable(runner: QueryRunner): Promise<ConfigError> {
  const [{ user }] = (await runner.query('SELECT current_user AS "user"')) as [{ user: string }];
  return new ConfigError(
    `The audit trail of the former release cannot be read. As its owner, run: GRANT USAGE ON SCHEMA dataplane_control TO ${user}; ` +
      `GRANT SELECT ON dataplane_control.former_audit TO ${user};`,
  );
}
