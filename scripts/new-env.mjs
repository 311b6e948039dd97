// @ts-check
// `npm run env`: writes .env for docker-compose.yml, once.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('..', import.meta.url));
const file = process.argv[2] ?? join(checkout, '.env');

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
