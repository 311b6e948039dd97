// @ts-check
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions } from './lib/base/options.mjs';

const help = `npm run env [-- file]: writes the settings and generated passwords for docker-compose.yml, once.

  file   where to (.env in the checkout)
`;

const { positionals } = readOptions(help, { positionals: 1 });
const checkout = fileURLToPath(new URL('..', import.meta.url));
const file = positionals[0] ?? join(checkout, '.env');

/** 256 random bits, as the registry's key wants them, in characters that stand in a URL as they are. */
const newPassword = () => randomBytes(32).toString('base64url');

const filled = readFileSync(join(checkout, '.env.example'), 'utf8').replace(
  /^([A-Z_]+)=$/gm,
  (line) => line + newPassword(),
);
try {
  writeFileSync(file, filled, { mode: 0o600, flag: 'wx' });
  console.log(`${file} is written. Next: docker compose up --build --wait`);
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  console.error(`${file} is there already and holds the passwords in use, so it stays as it is.`);
  process.exitCode = 1;
}
