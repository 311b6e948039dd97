import { describe, expect, it } from 'vitest';
import { describeProblems } from './describe-problems.js';

describe('describeProblems', () => {
  it('names the member of each problem, and none for the value as a whole', () => {
    const problems = [
      { path: 'a.b', message: 'is missing' },
      { path: '', message: 'it is too large' },
    ];
    expect(describeProblems(problems)).toBe('a.b: is missing; it is too large');
  });

  it('lists twenty', () => {
    const problems = Array.from({ length: 21 }, (_, index) => ({ path: `m${index}`, message: 'x' }));
    expect(describeProblems(problems).split('; ')).toHaveLength(20);
  });
});
