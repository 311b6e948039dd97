import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import type { ServiceProcess } from '../support/service-process.js';
import { System } from '../support/system.js';

const LONG = { heartbeat_wait_interval: 3_600 };

/** Two reader-heartbeats: one owns the partition, the other waits for its turn. Each test continues from the one before. */
describe('take-over', () => {
  let system: System;
  let readers: BeatPublisher;
  let first: ServiceProcess;
  let second: ServiceProcess;

  beforeAll(async () => {
    system = await System.create();
    first = await system.startReaderHeartbeat();
    await system.startGateway();
    readers = await BeatPublisher.open(system.broker.url);
    await readers.send(beat('from-the-first', LONG));
    await eventually(async () => (await system.mapOf('from-the-first')) === 'live');
  });
  afterAll(async () => {
    first.continue();
    await readers.close();
    await Promise.all([first.stop(), second.stop()]);
    await system.close();
  });

  const follows = async (reader: string): Promise<void> => {
    await eventually(
      async () => {
        await readers.send(beat(reader, LONG));
        return (await system.mapOf(reader)) === 'live';
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
  };

  it('leaves the partition with its owner while the owner is up', async () => {
    second = await system.startReaderHeartbeat();
    await follows('with-two');
    expect(second.output).not.toContain('partition taken over');
  });

  it('goes to the other process with all its state when the owner is paused', async () => {
    first.pause();
    await follows('from-the-second');
    expect(second.output).toContain('partition taken over');
    // It tried every second at most, and says so once.
    expect(second.output.match(/queue held by another connection/g)).toHaveLength(1);
    expect(await system.mapOf('from-the-first')).toBe('live');
  });

  it('is not undone by the former owner when it resumes', async () => {
    first.continue();
    await eventually(() => first.output.includes('partition released'));
    await follows('after-the-pause');
    expect(await system.mapOf('from-the-second')).toBe('live');
  });

  it('goes back to the first when the second is killed', async () => {
    await second.kill();
    await follows('from-the-first-again');
    // Once more where it had the queue before it noticed that its lease had ended.
    expect(first.output.match(/partition taken over/g)!.length).toBeGreaterThan(1);
    for (const reader of ['from-the-first', 'from-the-second', 'after-the-pause'])
      expect(await system.mapOf(reader)).toBe('live');
  });
});
