import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readGitHash } from './git-hash.js';

/** When a built module was built and from which commit: `20260404-5def6ae`, or the date alone. @param moduleUrl its `import.meta.url` */
export function buildVersion(moduleUrl: string): string {
  const file = fileURLToPath(moduleUrl);
  const date = statSync(file).mtime.toISOString().slice(0, 10).replaceAll('-', '');
  const hash = readGitHash(dirname(file));
  return hash === undefined ? date : `${date}-${hash}`;
}
