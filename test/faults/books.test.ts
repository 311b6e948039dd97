import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript beside the suite that runs without a build
import { balance } from './books.mjs';

const line = (what: string, id: string, kind = 'booking', detail?: string) => ({
  what,
  id,
  kind,
  fault: 'f',
  at: 0,
  ...(detail !== undefined && { detail }),
});
const of = (books: { journal?: unknown[]; effects?: unknown[]; parked?: unknown[] }) =>
  [...balance({ journal: [], effects: [], parked: [], ...books }).values()] as {
    fault: string;
    lost: number;
    duplicated: number;
    acknowledged: number;
    parked: number;
    parkedAgain: number;
    unexpected: string[];
  }[];

/** The suite is worth what these find: each is a fault of ours that it must see. */
describe('the books', () => {
  it('are even when all that was acknowledged was done once, and what was not may have been', () => {
    const journal = [line('meant', 'a'), line('acknowledged', 'a'), line('meant', 'b'), line('meant', 'c')];
    const effects = [
      { kind: 'booking', id: 'a', times: 1 },
      { kind: 'booking', id: 'b', times: 1 },
    ];
    expect(of({ journal, effects })).toEqual([
      expect.objectContaining({ fault: 'f', acknowledged: 1, lost: 0, duplicated: 0, unexpected: [] }),
    ]);
  });

  it('show what was lost', () => {
    expect(of({ journal: [line('meant', 'a'), line('acknowledged', 'a')] })[0]).toMatchObject({
      lost: 1,
      unexpected: [expect.stringContaining('nowhere')],
    });
  });

  it('show what was done twice', () => {
    const journal = [line('meant', 'a'), line('acknowledged', 'a')];
    expect(of({ journal, effects: [{ kind: 'booking', id: 'a', times: 2 }] })[0]).toMatchObject({
      duplicated: 1,
      lost: 0,
    });
  });

  it.each([
    ['done and never meant', { effects: [{ kind: 'note', id: 'x', times: 1 }] }],
    [
      'refused and done',
      { journal: [line('meant', 'x'), line('refused', 'x')], effects: [{ kind: 'booking', id: 'x', times: 1 }] },
    ],
    ['answered differently', { journal: [line('wrong', 'x', 'booking', 'two answers')] }],
    [
      'parked though good',
      { journal: [line('meant', 'x', 'note')], parked: [{ id: 'x', reason: 'handler-failed', times: 1 }] },
    ],
    [
      'parked without a reason',
      { journal: [line('meant', 'x', 'poison')], parked: [{ id: 'x', reason: undefined, times: 1 }] },
    ],
    ['parked by nobody', { parked: [{ id: undefined, reason: 'not-json', times: 1 }] }],
  ])('show what was %s', (_, books) => {
    expect(of(books)[0]?.unexpected).toHaveLength(1);
  });

  it('want poison to be parked', () => {
    const journal = [line('meant', 'p', 'poison'), line('acknowledged', 'p', 'poison')];
    expect(of({ journal })[0]).toMatchObject({ lost: 1 });
    expect(of({ journal, parked: [{ id: 'p', reason: 'handler-failed', times: 1 }] })[0]).toMatchObject({
      lost: 0,
      parked: 1,
      parkedAgain: 0,
      unexpected: [],
    });
    expect(of({ journal, parked: [{ id: 'p', reason: 'handler-failed', times: 3 }] })[0]).toMatchObject({
      lost: 0,
      parked: 1,
      parkedAgain: 2,
      unexpected: [],
    });
  });
});
