import type { OutgoingMessage } from '@signalbox/messaging';
import { createLogger } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { BeatTimesAnnouncer } from './beat-times.announcer.js';

const reader = (readerId: string): Reader => ({ readerId, receivedAt: { unix: 0, monotonic: 0 }, tick: 0 }) as Reader;

describe('BeatTimesAnnouncer', () => {
  let clock: FakeClock;
  let published: unknown[];
  let isUp: boolean;
  let announcer: BeatTimesAnnouncer;
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  beforeEach(() => {
    clock = new FakeClock();
    published = [];
    isUp = true;
    const publish = async ({ json = '' }: OutgoingMessage) => {
      if (!isUp) throw new Error('not confirmed');
      published.push((JSON.parse(json) as { beats: unknown }).beats);
    };
    const logger = createLogger({ name: 'test', level: 'silent' });
    announcer = new BeatTimesAnnouncer({
      stream: 'readers.0',
      epoch: 1,
      amqp: { publisher: { publish } },
      clock,
      logger,
    });
    announcer.start();
  });

  const beat = (each: Reader, unix: number) => {
    each.receivedAt.unix = unix;
    announcer.note(each);
  };

  it('publishes once a second the last receive time of each reader that had a heartbeat', () => {
    const [a, b] = [reader('a'), reader('b')];
    beat(a, 1);
    beat(b, 2);
    beat(a, 3);
    clock.advance(1_000);
    beat(b, 4);
    clock.advance(1_000);
    clock.advance(1_000);
    expect(published).toEqual([
      [
        ['a', 3],
        ['b', 2],
      ],
      [['b', 4]],
    ]);
  });

  it('publishes at most 1,000 in one message', () => {
    for (let at = 0; at < 2_500; at += 1) beat(reader(`r${at}`), at);
    clock.advance(1_000);
    expect(published.map((beats) => (beats as unknown[]).length)).toEqual([1_000, 1_000, 500]);
  });

  it('publishes again, as it is then, what was not confirmed', async () => {
    const [a, b] = [reader('a'), reader('b')];
    isUp = false;
    beat(a, 1);
    beat(b, 1);
    clock.advance(1_000);
    beat(a, 2);
    await settle();
    isUp = true;
    clock.advance(1_000);
    expect(published).toEqual([
      [
        ['a', 2],
        ['b', 1],
      ],
    ]);
  });
});
