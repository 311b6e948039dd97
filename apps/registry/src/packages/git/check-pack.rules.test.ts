import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPack } from './check-pack.rules.js';

const MIB = 1_024 * 1_024;
const identity = {
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@localhost',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@localhost',
};

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}

/** @param size in its header @param base bytes before it, of a delta */
function entry(
  content: Buffer,
  { type = 3, size = content.length, base = [] }: { type?: number; size?: number; base?: number[] } = {},
): Buffer {
  const rest = Math.floor(size / 16);
  const header = rest === 0 ? [(type << 4) | size] : [0x80 | (type << 4) | (size % 16), ...varint(rest)];
  return Buffer.concat([Buffer.from(header), Buffer.from(base), deflateSync(content)]);
}

function packOf(...entries: Buffer[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(entries.length, 8);
  const body = Buffer.concat([header, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

describe('the unpacked size of a pack', () => {
  let folder: string;
  const git = (...args: string[]): Buffer =>
    execFileSync('git', args, { cwd: folder, env: { ...process.env, ...identity } });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-pack-'));
    git('init', '-q');
    const lines = Array.from({ length: 4_000 }, (_, line) => `line ${line}`);
    for (let version = 0; version < 5; version += 1) {
      lines[version * 700] = `changed ${version}`;
      writeFileSync(join(folder, 'file.txt'), lines.join('\n'));
      git('add', '-A');
      git('commit', '-q', '-m', `version ${version}`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const packed = (option: string): Buffer => {
    const objects = git('rev-list', '--objects', 'HEAD')
      .toString()
      .split('\n')
      .map((line) => line.split(' ')[0])
      .join('\n');
    return execFileSync('git', ['pack-objects', '--stdout', '-q', option, '--window=10'], {
      cwd: folder,
      input: objects,
    });
  };

  it.each(['--delta-base-offset', '--no-reuse-delta'])(
    'is that of all its objects, those that are deltas as what they stand for (%s)',
    (option) => {
      const pack = packed(option);
      const sizes = git('cat-file', '--batch-all-objects', '--batch-check=%(objectsize)')
        .toString()
        .trim()
        .split('\n')
        .map(Number);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      // A delta counts with its own bytes, too.
      expect(() => checkPack(pack, total + 10_000)).not.toThrow();
      expect(() => checkPack(pack, total - 1)).toThrow('unpacks to more than');
    },
  );

  it('is found before anything large is unpacked', () => {
    const bomb = packOf(entry(Buffer.alloc(64 * MIB)));
    expect(bomb.length).toBeLessThan(MIB);
    expect(() => checkPack(bomb, MIB)).toThrow('unpacks to more than 1048576 bytes');
  });

  it('counts what a delta repeats', () => {
    const base = entry(Buffer.alloc(100));
    // Copy the base's first byte until there is a gigabyte: only the sizes are looked at.
    const delta = entry(Buffer.from([...varint(100), ...varint(1_024 * MIB), 0x80]), { type: 6, base: [base.length] });
    expect(() => checkPack(packOf(base, delta), 512 * MIB)).toThrow('unpacks to more than');
    expect(() => checkPack(packOf(base, delta), 1_100 * MIB)).not.toThrow();
  });

  it.each<[string, Buffer]>([
    ['less than it says', packOf(entry(Buffer.alloc(10), { size: 11 }))],
    ['more than it says', packOf(entry(Buffer.alloc(5_000), { size: 11 }))],
    ['not compressed at all', packOf(Buffer.from([0x35, 1, 2, 3, 4, 5]))],
  ])('is not believed where an object is %s', (_what, pack) => {
    expect(() => checkPack(pack, MIB)).toThrow('not what its header says');
  });

  it('refuses a pack that is not complete', () => {
    expect(() => checkPack(Buffer.from('nothing'), MIB)).toThrow('no pack');
    const [whole, count] = [packOf(entry(Buffer.alloc(10))), 8];
    whole.writeUInt32BE(1_000_000, count);
    expect(() => checkPack(whole, MIB)).toThrow(/ends early|not what its header says/);
  });
});
