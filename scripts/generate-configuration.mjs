// @ts-check
// `npm run docs`: writes docs/configuration.md. With --check: exits with code 1 where the file is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './lib/configuration/configuration-page.mjs';

const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));
const page = await configurationPage();

if (!process.argv.includes('--check')) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  console.error(
    'docs/configuration.md does not match the configuration schemas. Run `npm run docs` and commit the file.',
  );
  process.exitCode = 1;
}
