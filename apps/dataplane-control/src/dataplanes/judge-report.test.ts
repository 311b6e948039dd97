import { describe, expect, it } from 'vitest';
import { judgeReport, type Lives } from './judge-report.js';

const lives: Lives = { present: 'b', seq: 5, replaced: new Set(['a']) };

describe('a report', () => {
  it.each([
    ['of nobody known', undefined, 'b', 0, 'first-life'],
    ['of the present life', lives, 'b', 6, 'newer'],
    ['that comes again', lives, 'b', 5, 'not-newer'],
    ['that was overtaken', lives, 'b', 4, 'not-newer'],
    ['of a life that was replaced', lives, 'a', 99, 'old-life'],
    ['of a life not heard of', lives, 'c', 0, 'new-life'],
    ['of the present life, the first since we started', { ...lives, seq: undefined }, 'b', 0, 'newer'],
  ] as const)('%s', (_what, known, boot_id, seq, judgement) => {
    expect(judgeReport(known, { boot_id, seq })).toBe(judgement);
  });
});
