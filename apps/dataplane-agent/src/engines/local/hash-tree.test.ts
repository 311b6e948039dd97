import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashTree } from './hash-tree.js';

let base: string;
let root: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'hash-tree-')));
  root = path.join(base, 'files');
  mkdirSync(path.join(root, 'data', 'deep'), { recursive: true });
  writeFileSync(path.join(root, 'data', 'b.txt'), 'bee');
  writeFileSync(path.join(root, 'data', 'deep', 'ä.txt'), 'a');
  writeFileSync(path.join(root, 'data', 'empty'), '');
  writeFileSync(path.join(base, 'secret'), 'secret');
});
afterEach(() => rmSync(base, { recursive: true }));

const hash = (below: string, maxFileMb = 1) => hashTree({ root, path: below, maxFileMb });

describe('hashTree', () => {
  it('returns what sha256sum and sort print', async () => {
    const command = `find . -type f -printf '%P\\n' | xargs sha256sum | LC_ALL=C sort | sha256sum | cut -c1-64`;
    const sha256 = execFileSync('sh', ['-c', command], { cwd: path.join(root, 'data'), encoding: 'utf8' }).trim();
    expect(await hash('data')).toEqual({ files: 3, bytes: 4, sha256 });
  });

  it('hashes the whole readable folder', async () => {
    expect(await hash('.')).toMatchObject({ files: 3 });
  });

  it('follows no link inside the folder', async () => {
    const before = await hash('data');
    symlinkSync(path.join(base, 'secret'), path.join(root, 'data', 'link'));
    symlinkSync(base, path.join(root, 'data', 'folder-link'));
    expect(await hash('data')).toEqual(before);
  });

  it.each(['..', '../files/../secret', 'data/../../secret', '/etc'])('refuses %s', async (below) => {
    await expect(hash(below)).rejects.toThrow(`${below} is not below the folder that may be read`);
  });

  it('follows no link in the path of the folder', async () => {
    symlinkSync(base, path.join(root, 'out'));
    await expect(hash('out')).rejects.toThrow('out leads through a link, which is not followed');
  });

  it('refuses what does not exist or is no folder, without the path of the readable folder', async () => {
    await expect(hash('none')).rejects.toThrow(/^none cannot be read \(ENOENT\)$/);
    await expect(hash('data/b.txt')).rejects.toThrow(/^the folder \. cannot be read \(ENOTDIR\)$/);
  });

  it('refuses a file that is too large', async () => {
    writeFileSync(path.join(root, 'data', 'large'), Buffer.alloc(1024 * 1024 + 1));
    await expect(hash('data')).rejects.toThrow('large is larger than 1 MiB');
  });

  it('hashes an empty folder', async () => {
    mkdirSync(path.join(root, 'nothing'));
    expect(await hash('nothing')).toEqual({ files: 0, bytes: 0, sha256: createHash('sha256').digest('hex') });
  });
});
