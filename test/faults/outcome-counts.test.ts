import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript beside the suite that runs without a build
import { countOutcomes } from './outcome-counts.mjs';

const line = (what: string, id: string, kind = 'booking', detail?: string) => ({
  what,
  id,
  kind,
  fault: 'f',
  at: 0,
  ...(detail !== undefined && { detail }),
});
const count = (records: { journal?: unknown[]; effects?: unknown[]; deadLetters?: unknown[] }) =>
  [...countOutcomes({ journal: [], effects: [], deadLetters: [], ...records }).values()] as {
    fault: string;
    lost: number;
    duplicated: number;
    acknowledged: number;
    deadLetters: number;
    secondCopies: number;
    unexpected: string[];
  }[];

/** Each case is a fault of Signalbox that `npm run faults` must find. */
describe('the counted outcomes', () => {
  it('accept that each acknowledged write is done once, and that a write without an acknowledgement is done or not', () => {
    const journal = [line('requested', 'a'), line('acknowledged', 'a'), line('requested', 'b'), line('requested', 'c')];
    const effects = [
      { kind: 'booking', id: 'a', times: 1 },
      { kind: 'booking', id: 'b', times: 1 },
    ];
    expect(count({ journal, effects })).toEqual([
      expect.objectContaining({ fault: 'f', acknowledged: 1, lost: 0, duplicated: 0, unexpected: [] }),
    ]);
  });

  it('count an acknowledged write that is not found as lost', () => {
    expect(count({ journal: [line('requested', 'a'), line('acknowledged', 'a')] })[0]).toMatchObject({
      lost: 1,
      unexpected: [expect.stringContaining('not found')],
    });
  });

  it('count a write that was done twice as duplicated', () => {
    const journal = [line('requested', 'a'), line('acknowledged', 'a')];
    expect(count({ journal, effects: [{ kind: 'booking', id: 'a', times: 2 }] })[0]).toMatchObject({
      duplicated: 1,
      lost: 0,
    });
  });

  it.each([
    ['done without a request', { effects: [{ kind: 'note', id: 'x', times: 1 }] }],
    [
      'refused and done',
      { journal: [line('requested', 'x'), line('refused', 'x')], effects: [{ kind: 'booking', id: 'x', times: 1 }] },
    ],
    ['answered a second time with another reply', { journal: [line('wrong', 'x', 'booking', 'two answers')] }],
    [
      'dead-lettered without cause',
      { journal: [line('requested', 'x', 'note')], deadLetters: [{ id: 'x', reason: 'handler-failed', times: 1 }] },
    ],
    [
      'dead-lettered without a reason',
      { journal: [line('requested', 'x', 'poison')], deadLetters: [{ id: 'x', reason: undefined, times: 1 }] },
    ],
    ['dead-lettered without a request', { deadLetters: [{ id: undefined, reason: 'not-json', times: 1 }] }],
  ])('report as unexpected what was %s', (_, records) => {
    expect(count(records)[0]?.unexpected).toHaveLength(1);
  });

  it('require that a message which always fails is dead-lettered', () => {
    const journal = [line('requested', 'p', 'poison'), line('acknowledged', 'p', 'poison')];
    expect(count({ journal })[0]).toMatchObject({ lost: 1 });
    expect(count({ journal, deadLetters: [{ id: 'p', reason: 'handler-failed', times: 1 }] })[0]).toMatchObject({
      lost: 0,
      deadLetters: 1,
      secondCopies: 0,
      unexpected: [],
    });
    expect(count({ journal, deadLetters: [{ id: 'p', reason: 'handler-failed', times: 3 }] })[0]).toMatchObject({
      lost: 0,
      deadLetters: 1,
      secondCopies: 2,
      unexpected: [],
    });
  });
});
