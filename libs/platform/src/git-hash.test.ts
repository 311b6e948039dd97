import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readGitHash } from './git-hash.js';

const HASH = '0123456789abcdef0123456789abcdef01234567';
const OTHER = 'ffffffffffffffffffffffffffffffffffffffff';
let folder: string;

beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'git-hash-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
}

describe('readGitHash', () => {
  it('reads a detached commit', () => {
    write('.git/HEAD', `${HASH}\n`);
    expect(readGitHash(folder)).toBe('0123456');
  });

  it('reads a branch, from a subfolder', () => {
    write('.git/HEAD', 'ref: refs/heads/feature/one\n');
    write('.git/refs/heads/feature/one', `${HASH}\n`);
    write('apps/agent/dist/main.js', '');
    expect(readGitHash(path.join(folder, 'apps/agent/dist'))).toBe('0123456');
  });

  it('reads a packed branch, and not one whose name has the same end', () => {
    write('.git/HEAD', 'ref: refs/heads/main\n');
    write(
      '.git/packed-refs',
      `# pack-refs with: peeled\n${OTHER} refs/heads/x/refs/heads/main\n${HASH} refs/heads/main\n^${OTHER}\n`,
    );
    expect(readGitHash(folder)).toBe('0123456');
  });

  it('prefers the loose reference to the packed one, which is older', () => {
    write('.git/HEAD', 'ref: refs/heads/main\n');
    write('.git/packed-refs', `${OTHER} refs/heads/main\n`);
    write('.git/refs/heads/main', `${HASH}\n`);
    expect(readGitHash(folder)).toBe('0123456');
  });

  it.each(['absolute', 'relative'])('reads a worktree whose file names its folder (%s)', (kind) => {
    write('main/.git/worktrees/wt/HEAD', 'ref: refs/heads/work\n');
    write('main/.git/worktrees/wt/commondir', '../..\n');
    write('main/.git/refs/heads/work', `${HASH}\n`);
    const at = kind === 'absolute' ? path.join(folder, 'main') : '../main';
    write('wt/.git', `gitdir: ${at}/.git/worktrees/wt\n`);
    expect(readGitHash(path.join(folder, 'wt'))).toBe('0123456');
  });

  it.each([
    ['nothing is there to read', '.git/HEAD', ''],
    ['the branch has no commit', '.git/HEAD', 'ref: refs/heads/main'],
    ['HEAD is no name of a branch', '.git/HEAD', 'ref: ../../secret'],
  ])('knows none where %s', (_what, file, content) => {
    write(file, content);
    expect(readGitHash(folder)).toBeUndefined();
  });
});
