// @ts-check
import { roleOf, SERVICES } from '@signalbox/local-infra';
import { grantRights, migrate } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';

/** The journal takes over what dataplane-control kept in an earlier release, so it comes last. */
const services = SERVICES.toSorted((a, b) => Number(a === 'journal') - Number(b === 'journal'));

/**
 * Migrates the schemas of all services as the role that owns them, and gives the roles of the services their rights. Services that are
 * started afterwards only check that no migration is pending. Needs the build.
 * @param {{ url: string, owner?: string, user?: string }} options
 *   `url`: of the database of Signalbox; `owner`: where the user of `url` is another one, which may act as it; `user`: the one role of all
 *   services, where not each has its own
 */
export async function migrateSchemas({ url, owner: role, user }) {
  const logger = createLogger({ name: 'setup', level: 'silent' });
  for (const service of services) {
    const { migrations, rights } = await import(
      new URL(`../apps/${service}/dist/database/data-source.js`, import.meta.url).href
    );
    const schema = roleOf(service);
    const as = { url, schema, ...(role !== undefined && { role }) };
    await migrate({ ...as, migrations, applicationName: 'signalbox-setup', logger });
    const others = services.filter((other) => other !== service).map(roleOf);
    await grantRights({ ...as, rights, ...(user === undefined ? { to: schema, notTo: others } : { to: user }) });
  }
}
