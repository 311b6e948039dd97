import { describe, expect, it } from 'vitest';
import type { AttemptReport, FollowerReport } from '../work/follower.js';
import { Pending } from './pending.js';

const report = (name: string): FollowerReport => ({ stuck: { since: 1, evidence: name } }) as FollowerReport;
const attempt = (published: number): { at: Date; attempt: AttemptReport } => ({
  at: new Date(published),
  attempt: { kind: 'poll', outcome: 'succeeded', duration_ms: 1, published, error: null },
});

describe('Pending', () => {
  it('has the newest report and the attempts in their order', () => {
    const pending = new Pending();
    pending.report('a', 1, report('first'));
    pending.attempt('a', 1, attempt(1));
    pending.report('a', 1, report('second'));
    pending.attempt('a', 1, attempt(2));
    expect(pending.take(9)).toEqual([
      { id: 'a', fence: 1, report: report('second'), attempts: [attempt(1), attempt(2)] },
    ]);
    expect(pending.size).toBe(0);
  });

  it('drops what comes from before the datasource was taken again', () => {
    const pending = new Pending();
    pending.report('a', 1, report('old'));
    pending.report('a', 2, report('new'));
    pending.report('a', 1, report('late'));
    pending.attempt('a', 1, attempt(1));
    expect(pending.take(9)).toEqual([{ id: 'a', fence: 2, report: report('new'), attempts: [] }]);
  });

  it('takes back what could not be stored, behind what came meanwhile, and stays bounded', () => {
    const pending = new Pending();
    for (let count = 1; count <= 30; count += 1) pending.attempt('a', 1, attempt(count));
    pending.report('a', 1, report('first'));
    pending.report('b', 1, report('other'));
    const taken = pending.take(9);
    expect(taken[0]!.attempts).toHaveLength(20);
    pending.report('a', 1, report('second'));
    pending.attempt('a', 1, attempt(99));
    pending.putBack(taken);
    const [a, b] = pending.take(9);
    expect(a).toMatchObject({ report: report('second') });
    expect(a!.attempts.map(({ attempt: { published } }) => published)).toEqual([
      ...Array.from({ length: 19 }, (_, index) => index + 1),
      99,
    ]);
    expect(b).toMatchObject({ report: report('other') });
  });

  it('takes the ones that wait longest first', () => {
    const pending = new Pending();
    for (const id of ['a', 'b', 'c']) pending.report(id, 1, report(id));
    expect(pending.take(2).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(pending.take(2).map(({ id }) => id)).toEqual(['c']);
  });
});
