import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { Places } from './places.js';

describe('the configuration file', () => {
  const home = process.cwd();
  let folder: string;
  const places = (named?: string): Places =>
    new Places({
      SIGNALBOX_CONFIG_FILE: named,
      SIGNALBOX_PACKAGE_ROOTS: '',
      SIGNALBOX_REGISTRY_DATA: 'data',
    } as Config);

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-places-')));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it('is undefined where there is none', () => {
    expect(places().configFile).toBeUndefined();
    expect(places().packageRoots).toEqual([folder, join(folder, 'data/projects')]);
  });

  it('is signalbox.config.json before publisher.config.json', () => {
    writeFileSync('publisher.config.json', '{}');
    expect(places().configFile).toBe(join(folder, 'publisher.config.json'));
    writeFileSync('signalbox.config.json', '{}');
    expect(places().configFile).toBe(join(folder, 'signalbox.config.json'));
  });

  it('is the named one, whether it exists or not', () => {
    mkdirSync('elsewhere');
    expect(places('elsewhere/mine.json')).toMatchObject({
      configFile: join(folder, 'elsewhere/mine.json'),
      baseFolder: join(folder, 'elsewhere'),
    });
  });

  it('is a broken link, which does not count as none', () => {
    symlinkSync('/no/such/file', 'signalbox.config.json');
    expect(places().configFile).toBe(join(folder, 'signalbox.config.json'));
  });
});
