import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readGitHash } from './git-hash.js';

/** The release: the version in package.json, which is the same in all packages of this repository. */
export const { version: release } = createRequire(import.meta.url)('../package.json') as { version: string };

/**
 * The build date and commit of a built module: `20260404-5def6ae`; only the date if the commit is unknown.
 * @param moduleUrl its `import.meta.url`
 */
export function buildVersion(moduleUrl: string): string {
  const file = fileURLToPath(moduleUrl);
  const date = statSync(file).mtime.toISOString().slice(0, 10).replaceAll('-', '');
  const hash = readGitHash(dirname(file));
  return hash === undefined ? date : `${date}-${hash}`;
}
