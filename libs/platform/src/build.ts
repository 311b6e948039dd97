import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readGitHash } from './git-hash.js';

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
