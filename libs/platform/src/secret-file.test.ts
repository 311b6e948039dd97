import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { envSecret } from './env-variables.js';
import { envInteger, envUrl } from './env.js';
import { loadConfig } from './load-config.js';

const schema = z
  .object({ BROKER: envSecret(envUrl(['amqp:'])), KEYS: envSecret(z.string().transform((text) => text.split(','))) })
  .extend({ PORT: envInteger({ min: 0, max: 9 }).default(1) })
  .transform((config) => ({ ...config, isReady: true }));

describe('a secret from a file', () => {
  let folder: string;
  let warnings: string[];
  const file = (name: string): string => path.join(folder, name);
  const load = () => loadConfig(schema, { BROKER_FILE: file('broker'), KEYS_FILE: file('keys') });
  const later = (): void => void vi.advanceTimersByTime(1_001);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    folder = mkdtempSync(path.join(tmpdir(), 'secret-file-'));
    writeFileSync(file('broker'), 'amqp://a:one@b\n');
    writeFileSync(file('keys'), 'k1,k2');
    warnings = [];
    vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  it('is that of the file, also after this has changed', () => {
    const config = load();
    expect(config).toEqual({ BROKER: 'amqp://a:one@b', KEYS: ['k1', 'k2'], PORT: 1, isReady: true });
    writeFileSync(file('broker'), 'amqp://a:two@b\n');
    writeFileSync(file('keys'), 'k3');
    expect(config.BROKER).toBe('amqp://a:one@b');
    later();
    expect([config.BROKER, config.KEYS]).toEqual(['amqp://a:two@b', ['k3']]);
  });

  it('is the same object until the file changes', () => {
    const config = load();
    const before = config.KEYS;
    later();
    expect(config.KEYS).toBe(before);
  });

  it.each([
    ['is gone', () => rmSync(file('broker')), 'BROKER_FILE: ENOENT'],
    ['is not valid', () => writeFileSync(file('broker'), 'http://canary'), 'BROKER_FILE: what it holds is not valid'],
    ['is empty', () => writeFileSync(file('broker'), '\n'), 'BROKER_FILE: what it holds is not valid'],
  ])('stays where the file %s, which is said once', (_, change, expected) => {
    const config = load();
    change();
    for (let times = 0; times < 3; times += 1) {
      later();
      expect(config.BROKER).toBe('amqp://a:one@b');
    }
    expect(warnings).toEqual([expect.stringContaining(expected)]);
    expect(warnings[0]).not.toContain('canary');
    writeFileSync(file('broker'), 'amqp://a:three@b');
    later();
    expect(config.BROKER).toBe('amqp://a:three@b');
  });
});
