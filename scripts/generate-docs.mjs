// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOptions } from './lib/base/options.mjs';
import { configurationPage } from './lib/docs/configuration-page.mjs';
import { withMetrics } from './lib/docs/metrics-section.mjs';
import { withBrokerRights, withDatabaseRoles } from './lib/docs/rights-sections.mjs';
import { withRules } from './lib/docs/rules-section.mjs';

const help = `npm run docs: writes docs/configuration.md, the tables of rules and of metrics in docs/operations.md, and the
tables of rights in docs/security.md.

  npm run docs -- --check   writes nothing; exit code 1 where a file is not what would be written
`;

const { values } = readOptions(help, { options: { check: { type: 'boolean' } } });

/** @type {Record<string, (page: string) => string | Promise<string>>} */
const pages = {
  'configuration.md': configurationPage,
  'operations.md': (page) => withMetrics(withRules(page)),
  'security.md': (page) => withDatabaseRoles(withBrokerRights(page)),
};

for (const [name, make] of Object.entries(pages)) {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  const before = readFileSync(file, 'utf8');
  const page = await make(before);
  if (page === before) continue;
  if (values.check) {
    console.error(`docs/${name} does not match what it is made from. Run \`npm run docs\` and commit the file.`);
    process.exitCode = 1;
  } else writeFileSync(file, page);
}
