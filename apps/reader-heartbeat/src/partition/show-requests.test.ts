import type { ReaderTransition } from '@signalbox/contracts/messages';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { noBeats, noteBeat } from '../liveness/recent-beats.rules.js';
import { ShowRequests, type ShowRequestsOptions } from './show-requests.js';

const clock = new FakeClock();
const instant = { unix: clock.now() - 3_000, monotonic: clock.monotonic() - 3_000 };

function reader(over: Partial<Reader> = {}): Reader {
  const recent = noBeats();
  noteBeat(recent, instant.unix, instant.unix + 40);
  return {
    readerId: 'r',
    state: 'live',
    since: instant,
    receivedAt: instant,
    bootId: 'b',
    seq: 7,
    recent,
    configDigest: 'd',
    unstoredConfig: undefined,
    ...over,
  } as Reader;
}

const requests = (known: Reader | undefined, over: Partial<ShowRequestsOptions> = {}) =>
  new ShowRequests({
    number: 0,
    partition: { shown: () => known, endOf: () => clock.monotonic() + 27_500 },
    repository: { configOf: async () => ({ stored: true }) },
    transitions: { latest: async () => [{ why: 'first_heartbeat' } as ReaderTransition] },
    isSilenceCounted: () => true,
    clock,
    logger: collectLogs().logger,
    ...over,
  });
const show = (...about: Parameters<typeof requests>) => requests(...about).answer('r');

describe('a request to show a reader', () => {
  it('gets what is in memory and what is stored', async () => {
    expect(await show(reader())).toEqual({
      state: 'live',
      since: instant.unix,
      boot_id: 'b',
      seq: 7,
      silent_ms: 3_000,
      is_silence_counted: true,
      ends_at: clock.now() + 27_500,
      last_heartbeats: [{ received_at: instant.unix, sent_at: instant.unix + 40 }],
      clock_skew_ms: 40,
      stored: { config: { stored: true }, transitions: [{ why: 'first_heartbeat' }] },
    });
  });

  it('gets a configuration that is not stored yet, and none where the reader has none', async () => {
    expect((await show(reader({ unstoredConfig: '{"a":1}' }))).stored?.config).toEqual({ a: 1 });
    for (const none of [{ unstoredConfig: null }, { configDigest: null }])
      expect((await show(reader(none))).stored?.config).toBeNull();
  });

  it('gets no time at which the state ends where it never does', async () => {
    const partition = { shown: () => reader(), endOf: () => Infinity };
    expect((await show(undefined, { partition })).ends_at).toBeNull();
  });

  it('is answered without what is stored where the database fails, or does not answer within a second', async () => {
    const failing = { configOf: () => Promise.reject(new Error('down')) };
    expect((await show(reader(), { repository: failing })).stored).toBeNull();
    const answer = show(reader(), { repository: { configOf: () => new Promise(() => undefined) } });
    clock.advance(1_000);
    expect((await answer).stored).toBeNull();
  });

  it('does not wait for the database, nor ask it, while it has not answered an earlier one', async () => {
    const answers: ((config: object) => void)[] = [];
    const configOf = () => new Promise<Record<string, unknown>>((resolve) => answers.push(resolve as () => void));
    const requested = requests(reader(), { repository: { configOf } });
    const late = requested.answer('r');
    clock.advance(1_000);
    await late;
    expect([(await requested.answer('r')).stored, answers.length]).toEqual([null, 1]);
    answers[0]!({});
    await new Promise(setImmediate);
    const next = requested.answer('r');
    answers[1]!({ read: true });
    expect((await next).stored?.config).toEqual({ read: true });
  });

  it('gets no time at which a live reader is dead while silence does not count', async () => {
    const isSilenceCounted = () => false;
    expect(await show(reader(), { isSilenceCounted })).toMatchObject({ is_silence_counted: false, ends_at: null });
    expect((await show(reader({ state: 'dead' }), { isSilenceCounted })).ends_at).toBe(clock.now() + 27_500);
  });

  it('is refused for a reader that was forgotten, or has deregistered, while the database was read', async () => {
    let known: Reader | undefined = reader();
    const partition = { shown: () => known, endOf: () => Infinity };
    const configOf = async () => {
      known = undefined;
      return {};
    };
    await expect(show(undefined, { partition, repository: { configOf } })).rejects.toMatchObject({
      code: 'unknown_reader',
    });
  });

  it('is refused for an unknown reader', async () => {
    await expect(show(undefined)).rejects.toMatchObject({ code: 'unknown_reader' });
  });
});
