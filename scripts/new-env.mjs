// @ts-check
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeSecrets } from './compose-secrets.mjs';
import { readOptions } from './lib/base/options.mjs';

const help = `npm run env [-- file]: writes the settings of docker-compose.yml, and generated passwords into the folder .secrets beside them.
What is there already stays as it is. Passwords that an earlier release kept in the settings are taken from there.

  file   where to write the settings (.env in the checkout)
`;

const { positionals } = readOptions(help, { positionals: 1 });
const checkout = fileURLToPath(new URL('..', import.meta.url));
const file = resolve(positionals[0] ?? join(checkout, '.env'));
const folder = join(dirname(file), '.secrets');

const earlier = existsSync(file) ? variablesIn(readFileSync(file, 'utf8')) : {};
mkdirSync(folder, { recursive: true });
// The files are mounted one by one, and users in containers must be able to read them: here only the owner can enter the folder.
chmodSync(folder, 0o700);
const made = composeSecrets.filter(({ file: name, variable, contentOf }) => {
  // 256 random bits, as a key for sealing has them, in characters that stand in a URL as they are.
  const password = (variable && earlier[variable]) || randomBytes(32).toString('base64url');
  return writeOnce(
    join(folder, name),
    `${contentOf(password, { rabbitmq: earlier.RABBITMQ_PORT || '5672' })}\n`,
    0o644,
  );
});
const isNew = writeOnce(file, readFileSync(join(checkout, '.env.example'), 'utf8'), 0o600);

if (!isNew && made.length === 0) {
  console.error(
    `${file} and ${folder} are there already and hold the settings and passwords in use, so they stay as they are.`,
  );
  process.exitCode = 1;
} else {
  if (isNew) console.log(`${file} is written.`);
  if (made.length > 0)
    console.log(`${folder} has ${made.length} new files. Keep a copy of secret-keys and datasource-keys.`);
  if (made.some(({ variable }) => variable && earlier[variable]))
    console.log(`Their passwords were taken from ${file}, which needs them no longer: delete those lines.`);
  console.log('Next: docker compose up --build --wait');
}

/** @param {string} path @param {string} text @param {number} mode @returns {boolean} whether there was no such file */
function writeOnce(path, text, mode) {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    chmodSync(path, mode);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return false;
  }
}

/** @param {string} text @returns {Record<string, string>} */
function variablesIn(text) {
  return Object.fromEntries([...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}
