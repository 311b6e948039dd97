import type { QueryRunner } from 'typeorm';
import { checkedName } from './session.js';

export interface Grant {
  /** The role of the service. */
  readonly role: string;
  /** Each as GRANT has it, for example `SELECT ON things`. */
  readonly rights: readonly string[];
}

/**
 * For a migration that runs as the owner of what it creates: what the role of the service may do with it. Without an effect where there is no
 * such role, or where it migrates itself: then it owns everything.
 */
export async function grantTo(runner: QueryRunner, { role, rights }: Grant): Promise<void> {
  const [other] = (await runner.query('SELECT FROM pg_roles WHERE rolname = $1 AND rolname <> current_user', [
    role,
  ])) as unknown[];
  if (other === undefined) return;
  for (const right of rights) await runner.query(`GRANT ${right} TO ${checkedName(role)}`);
}
