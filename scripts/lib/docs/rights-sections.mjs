// @ts-check
import { brokerUsers, rightsRows } from '@signalbox/contracts/rights';
import { OWNER_ROLE, roleOf, SERVICES } from '@signalbox/local-infra';
import { exceptionalTables, ROW_RIGHTS } from '@signalbox/persistence';
import { withGeneratedPart } from './generated-part.mjs';
import { code, table } from './tables.mjs';

/** @typedef {import('@signalbox/contracts/rights').RightsRow} RightsRow */
/** @typedef {import('@signalbox/persistence').SchemaRights} SchemaRights */

/** What each right of a row permits. @type {Record<RightsRow['right'], string>} */
const permits = {
  publish: 'publish to',
  bind: 'bind its queues to',
  own: 'declare, bind, consume, purge, delete',
  consume: 'consume, purge',
};

/**
 * docs/security.md with the rights of each user at the broker as they are now. Needs a build.
 * @param {string} page
 */
export const withBrokerRights = (page) =>
  withGeneratedPart(page, {
    from: '`brokerRights` in libs/contracts. Change the rights there.',
    content: brokerUsers.map((user) => `**${user}**\n\n${tableOf(user)}`).join('\n\n'),
  });

/** @param {RightsRow['user']} user */
function tableOf(user) {
  const rows = rightsRows()
    .filter((row) => row.user === user)
    .map(({ right, exchange, names }) => [
      permits[right],
      placeOf(exchange),
      [...new Set(names)].map(nameOf).join('<br>'),
    ]);
  return table(['may', 'exchange', 'keys or queues'], rows);
}

/** @param {string | undefined} exchange */
function placeOf(exchange) {
  if (exchange === undefined) return '–';
  return exchange === '' ? 'the default exchange' : code(exchange);
}

/** @param {string} name */
const nameOf = (name) => (name === '#' ? 'any' : code(name));

/**
 * docs/security.md with the rights of each database role as they are granted now. Needs a build.
 * @param {string} page
 */
export async function withDatabaseRoles(page) {
  const rows = await Promise.all(SERVICES.map(async (service) => rowOf(roleOf(service), await rightsOf(service))));
  return withGeneratedPart(page, {
    from: 'what `npm run migrate` grants. Change the rights in the `src/database/data-source.ts` of the service.',
    content: table(
      ['role', 'logs in', 'schema', 'each table', 'but', 'runs the functions'],
      [[code(OWNER_ROLE), 'no', 'all', 'owns it', '–', 'owns them'], ...rows],
    ),
  });
}

/** @param {string} service @returns {Promise<SchemaRights | undefined>} */
async function rightsOf(service) {
  const file = new URL(`../../../apps/${service}/dist/database/data-source.js`, import.meta.url);
  const { rights } = await import(file.href);
  return rights;
}

/** @param {string} role @param {SchemaRights} [rights] */
function rowOf(role, rights = {}) {
  const exceptions = Object.entries(exceptionalTables(rights));
  return [
    code(role),
    'yes',
    code(role),
    ROW_RIGHTS.join(', '),
    exceptions.map(([name, granted]) => `${code(name)}: ${granted.join(', ')}`).join('; '),
    (rights.functions ?? []).map(code).join(', ') || '–',
  ];
}
