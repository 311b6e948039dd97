import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Build {
  /** When it was built: `2026-04-04`. */
  readonly date: string;
  /** The commit it was built from, seven digits; undefined where that cannot be known. */
  readonly gitHash: string | undefined;
  /** `20260404-5def6ae`, or the date alone. */
  readonly version: string;
}

/** What is known of the build that a module belongs to. @param moduleUrl its `import.meta.url` */
export function buildOf(moduleUrl: string): Build {
  const file = fileURLToPath(moduleUrl);
  const date = statSync(file).mtime.toISOString().slice(0, 10);
  const gitHash = gitHashAbove(dirname(file))?.slice(0, 7);
  return { date, gitHash, version: [date.replaceAll('-', ''), gitHash].filter((part) => part !== undefined).join('-') };
}

/** The commit that is checked out in the nearest folder above that is a checkout. */
function gitHashAbove(folder: string): string | undefined {
  for (let here = folder; ; here = dirname(here)) {
    const found = gitHashIn(join(here, '.git'));
    if (found !== undefined || here === dirname(here)) return found;
  }
}

function gitHashIn(path: string): string | undefined {
  try {
    const git = statSync(path).isDirectory() ? path : besides(path, /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '');
    const head = readFileSync(join(git, 'HEAD'), 'utf8').trim();
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    return ref === undefined ? head : hashOf(ref, [git, commonFolder(git)]);
  } catch {
    return undefined;
  }
}

/** Further worktrees share refs with the first. */
function commonFolder(git: string): string {
  try {
    return besides(join(git, 'commondir'), readFileSync(join(git, 'commondir'), 'utf8').trim());
  } catch {
    return git;
  }
}

const besides = (file: string, path: string): string => (isAbsolute(path) ? path : join(dirname(file), path));

function hashOf(ref: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const found = tryRead(join(folder, ref))?.trim() ?? tryRead(join(folder, 'packed-refs'))?.split('\n').find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
