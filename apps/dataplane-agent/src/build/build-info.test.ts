import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBuildInfo } from './build-info.js';

let folder: string;
let mainFile: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'build-info-'));
  mkdirSync(path.join(folder, 'dist'));
  mainFile = path.join(folder, 'dist', 'main.js');
  writeFileSync(mainFile, '');
  utimesSync(mainFile, new Date('2026-04-04T12:00:00Z'), new Date('2026-04-04T12:00:00Z'));
  writeFileSync(path.join(folder, 'package.json'), '{"version":"2.109.3"}');
  mkdirSync(path.join(folder, '.git'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readBuildInfo', () => {
  it('reads build date and version from its own files', () => {
    expect(readBuildInfo({ mainFile, gitHash: undefined, buildDate: undefined })).toEqual({
      build_date: '2026-04-04',
      implementation_version: '2.109.3',
      git_hash: 'unknown',
    });
  });

  it('prefers what the configuration gives', () => {
    expect(readBuildInfo({ mainFile, gitHash: '60de4a5', buildDate: '2026-01-01' })).toMatchObject({
      git_hash: '60de4a5',
      build_date: '2026-01-01',
    });
  });
});
