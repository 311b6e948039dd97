import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Turn } from './turn.js';
import { Turns } from './turns.js';
import { CLASS_LIMITS } from './work-class.rules.js';

const { atOnce, waiting } = CLASS_LIMITS.long;

describe('turns', () => {
  let clock: FakeClock;
  let turns: Turns;
  let gone: (() => void)[];
  beforeEach(() => {
    clock = new FakeClock();
    turns = new Turns(clock);
    gone = [];
  });

  const take = (caller: string): Turn | Promise<Turn> =>
    turns.take({ work: 'long', caller, onGone: (listener) => void gone.push(listener) });
  const takeAllOf = (caller: string): Turn[] => Array.from({ length: atOnce.perCaller }, () => take(caller) as Turn);

  it('are over when all that hold them have let go, once', async () => {
    const [first] = takeAllOf('a');
    const next = take('a');
    const releases = [first!.hold(), first!.hold()];
    releases[0]!();
    expect(turns.countsOf('long')).toEqual({ atWork: atOnce.perCaller, waiting: 1 });
    releases[1]!();
    first!.end();
    expect(await next).toBeDefined();
    expect(turns.countsOf('long')).toEqual({ atWork: atOnce.perCaller, waiting: 0 });
  });

  it('are refused at once with the time to come again where the queue of the caller is full, and other classes go on', async () => {
    takeAllOf('a');
    const all = Array.from({ length: waiting.perCaller }, () => take('a'));
    expect(() => take('a')).toThrow(
      expect.objectContaining({ status: 429, code: 'too_many_at_once', headers: { 'retry-after': '5' } }),
    );
    expect(take('b')).not.toBeInstanceOf(Promise);
    expect(turns.take({ work: 'write', caller: 'a', onGone: () => undefined })).not.toBeInstanceOf(Promise);
    expect(all).toHaveLength(waiting.perCaller);
  });

  it('are refused with 503 where callers with as little as this one have filled the queue', () => {
    takeAllOf('a');
    takeAllOf('b');
    for (let caller = 0; caller < waiting.inAll; caller += 1) void take(`caller ${caller}`);
    expect(() => take('c')).toThrow(expect.objectContaining({ status: 503, code: 'gateway_busy' }));
  });

  it('are not waited for longer than half a minute, nor by a client that is gone', async () => {
    takeAllOf('a');
    const late = take('a');
    const left = take('a');
    gone[1]!();
    await expect(left).rejects.toMatchObject({ code: 'too_many_at_once' });
    clock.advance(30_000);
    await expect(late).rejects.toMatchObject({ code: 'too_many_at_once' });
    expect(turns.countsOf('long').waiting).toBe(0);
  });

  it('are refused with 503 after half a minute where others have all places', async () => {
    takeAllOf('a');
    takeAllOf('b');
    const late = take('c');
    clock.advance(30_000);
    await expect(late).rejects.toMatchObject({ status: 503, code: 'gateway_busy' });
  });
});
