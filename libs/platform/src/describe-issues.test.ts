import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeIssues } from './describe-issues.js';

const issuesOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues ?? [];

describe('describeIssues', () => {
  const schema = z.object({ name: z.string('expected a name'), pids: z.array(z.int()) });

  it('lists the path of each issue and its message', () => {
    expect(describeIssues(issuesOf(schema, { pids: [1, 'x'] }), { root: 'reader' })).toMatch(
      /^name: expected a name; pids\.1: .+number/,
    );
  });

  it('names the value as a whole where the issue has no path', () => {
    expect(describeIssues(issuesOf(z.string('expected text'), 1), { root: 'body' })).toBe('body: expected text');
  });

  it('quotes neither values nor keys with codes in place of messages', () => {
    const issues = issuesOf(z.strictObject({ name: z.string() }), { name: 1, hunter2: true });
    expect(describeIssues(issues, { root: 'body', detail: 'code' })).toBe(
      'name: invalid_type; body: unrecognized_keys',
    );
  });

  it('lists at most ten issues', () => {
    const issues = issuesOf(z.array(z.int()), Array(50).fill('x'));
    expect(describeIssues(issues, { root: 'body' }).split('; ')).toHaveLength(10);
  });
});
