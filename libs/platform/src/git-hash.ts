import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The number of digits that git shows by default in a repository of this size. */
const SHORT = 7;
const HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Reads the short hash of the commit of the git checkout that contains `folder`; undefined outside of one. */
export function readGitHash(folder: string): string | undefined {
  try {
    const gitFolder = findGitFolder(path.resolve(folder));
    return gitFolder === undefined ? undefined : resolveHead(gitFolder)?.slice(0, SHORT);
  } catch {
    return undefined;
  }
}

function findGitFolder(folder: string): string | undefined {
  const candidate = path.join(folder, '.git');
  const found = statSync(candidate, { throwIfNoEntry: false });
  if (found?.isDirectory()) return candidate;
  // In a worktree and in a submodule it is a file with the path of the folder.
  if (found?.isFile())
    return path.resolve(
      folder,
      readFileSync(candidate, 'utf8')
        .replace(/^gitdir:/, '')
        .trim(),
    );
  const parent = path.dirname(folder);
  return parent === folder ? undefined : findGitFolder(parent);
}

function resolveHead(gitFolder: string): string | undefined {
  const head = readText(path.join(gitFolder, 'HEAD')) ?? '';
  if (HASH.test(head)) return head;
  const name = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  // A worktree has its own HEAD; its branches are in the common folder.
  const common = path.resolve(gitFolder, readText(path.join(gitFolder, 'commondir')) ?? '.');
  return name === undefined
    ? undefined
    : (looseRef(gitFolder, name) ?? looseRef(common, name) ?? packedRef(common, name));
}

function looseRef(gitFolder: string, name: string): string | undefined {
  const hash = readText(path.join(gitFolder, name));
  return hash !== undefined && HASH.test(hash) ? hash : undefined;
}

function packedRef(gitFolder: string, name: string): string | undefined {
  const lines = readText(path.join(gitFolder, 'packed-refs'))?.split('\n') ?? [];
  const hash = lines.find((line) => line.endsWith(` ${name}`))?.split(' ', 1)[0];
  return hash !== undefined && HASH.test(hash) ? hash : undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
