import { collectLogs, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { KeyUse } from './key-use.js';
import type { ApiKeyRepository } from './persistence/api-key.repository.js';

describe('KeyUse', () => {
  const start = () => {
    const clock = new FakeClock(1_000_000);
    const writes: [string, number][][] = [];
    const store = { isUp: true };
    const markUsed = async (used: ReadonlyMap<string, number>): Promise<void> => {
      if (!store.isUp) throw new Error('no connection');
      writes.push([...used]);
    };
    const { logger, lines } = collectLogs();
    const use = new KeyUse({ markUsed } as ApiKeyRepository, clock, logger);
    use.onApplicationBootstrap();
    return { use, clock, writes, store, lines };
  };

  it('writes the last use of all keys together', async () => {
    const { use, clock, writes } = start();
    for (let request = 0; request < 100; request++) use.note('key_1');
    clock.advance(10);
    use.note('key_1');
    use.note('key_2');
    expect(writes).toEqual([]);
    clock.advance(5_000);
    await use.beforeApplicationShutdown();
    expect(writes).toEqual([
      [
        ['key_1', 1_000_010],
        ['key_2', 1_000_010],
      ],
    ]);
  });

  it('writes at the stop what was not written', async () => {
    const { use, writes } = start();
    use.note('key_1');
    await use.beforeApplicationShutdown();
    expect(writes).toEqual([[['key_1', 1_000_000]]]);
  });

  it('keeps what could not be written, and reports that once', async () => {
    const { use, clock, writes, store, lines } = start();
    store.isUp = false;
    use.note('key_1');
    use.note('key_2');
    await use.beforeApplicationShutdown();
    await use.beforeApplicationShutdown();
    store.isUp = true;
    clock.advance(10);
    use.note('key_1');
    await use.beforeApplicationShutdown();
    expect(writes.map((write) => Object.fromEntries(write))).toEqual([{ key_1: 1_000_010, key_2: 1_000_000 }]);
    expect(lines).toHaveLength(1);
  });
});
