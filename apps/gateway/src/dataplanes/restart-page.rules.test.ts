import { askedBy } from '@signalbox/contracts/messages';
import type { RestartEntry, RestartState } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { pageOf, type PageWanted } from './restart-page.rules.js';

const idOf = (number: number): string => `restart-${number.toString(16).padStart(24, '0')}`;

const restart = (number: number, at: number, state: RestartState = 'healthy', dataplane = 'main'): RestartEntry => ({
  id: idOf(number),
  dataplane,
  boot_id: 'boot',
  new_boot_id: null,
  state,
  reason: null,
  drain_seconds: 0,
  requested_by: askedBy.parse({ key_id: null, address: '', request_id: '' }),
  deadline: at + 1,
  timeline: [{ state: 'requested', at }],
});

const ids = (restarts: RestartEntry[], wanted: Partial<PageWanted> = {}): number[] =>
  pageOf(restarts, { limit: 100, ...wanted }).data.map(({ id }) => Number.parseInt(id.slice(8), 16));

describe('the list of restarts', () => {
  const all = [
    restart(1, 100),
    restart(2, 300, 'timed_out', 'other'),
    restart(3, 200, 'draining', 'other'),
    restart(4, 200, 'sent'),
  ];

  it('has the latest request first, and those of one time by their id', () => {
    expect(ids(all)).toEqual([2, 4, 3, 1]);
    expect(ids(all.toReversed())).toEqual([2, 4, 3, 1]);
  });

  it('can be limited to a dataplane, to a state, and to those that have ended or have not', () => {
    expect(ids(all, { dataplane: 'other' })).toEqual([2, 3]);
    expect(ids(all, { state: 'sent' })).toEqual([4]);
    expect(ids(all, { open: true })).toEqual([4, 3]);
    expect(ids(all, { open: false })).toEqual([2, 1]);
    expect(ids(all, { open: true, dataplane: 'main' })).toEqual([4]);
    expect(ids(all, { dataplane: 'unknown' })).toEqual([]);
  });

  it('has pages that show each restart once, while others are requested and the last one shown is forgotten', () => {
    const seen: string[] = [];
    let restarts = all;
    let before: string | undefined;
    for (let page = 0; page < 10; page++) {
      const { data, next_before } = pageOf(restarts, { limit: 1, before });
      seen.push(...data.map(({ id }) => id));
      if (next_before === null) break;
      before = next_before;
      restarts = [...restarts.filter(({ id }) => id !== data[0]?.id), restart(90 + page, 400)];
    }
    expect(seen).toEqual([2, 4, 3, 1].map(idOf));
  });

  it('ends without a further page', () => {
    expect(pageOf(all, { limit: 4 }).next_before).toBeNull();
    expect(pageOf(all, { limit: 3 }).next_before).toBe(`200.${idOf(3)}`);
    expect(pageOf([], { limit: 3 })).toEqual({ data: [], next_before: null });
  });
});
