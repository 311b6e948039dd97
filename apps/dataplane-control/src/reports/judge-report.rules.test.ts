import { describe, expect, it } from 'vitest';
import { judgeReport, type Incarnations } from './judge-report.rules.js';

const known: Incarnations = { present: 'b', seq: 5, replaced: new Set(['a']) };

describe('judgeReport', () => {
  it.each([
    ['of an unknown dataplane', undefined, 'b', 0, 'first'],
    ['of the present incarnation', known, 'b', 6, 'newer'],
    ['that is delivered again', known, 'b', 5, 'not-newer'],
    ['that was overtaken', known, 'b', 4, 'not-newer'],
    ['of a replaced incarnation', known, 'a', 99, 'replaced'],
    ['of an unknown incarnation', known, 'c', 0, 'next'],
    ['of the present incarnation, the first since the start', { ...known, seq: undefined }, 'b', 0, 'newer'],
  ] as const)('judges a report %s', (_what, incarnations, boot_id, seq, judgement) => {
    expect(judgeReport(incarnations, { boot_id, seq })).toBe(judgement);
  });
});
