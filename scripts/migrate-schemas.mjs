// @ts-check
import { OWNER_ROLE } from '@signalbox/local-infra';
import { migrate } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';

/**
 * In this order: the journal takes over what dataplane-control kept in an earlier release. All other services migrate themselves.
 * @type {[service: string, role: string][]}
 */
const steps = [
  ['dataplane-control', 'dataplane_control'],
  ['journal', OWNER_ROLE],
];

/**
 * Migrates the schemas that their services cannot migrate, each as the role that is to own what is created. Needs the build.
 * @param {string} superuserUrl of the database of Signalbox
 */
export async function migrateSchemas(superuserUrl) {
  for (const [service, role] of steps) {
    const { migrations } = await import(
      new URL(`../apps/${service}/dist/database/data-source.js`, import.meta.url).href
    );
    await migrate({
      url: superuserUrl,
      schema: service.replaceAll('-', '_'),
      migrations,
      role,
      applicationName: 'signalbox-setup',
      logger: createLogger({ name: 'setup', level: 'silent' }),
    });
  }
}
