import type { Members } from '@signalbox/contracts/streams';
import type { ValueProblem } from '@signalbox/platform';
import type { z } from 'zod';
import { invalid } from './refusal.js';

/** @throws RequestRefused that names all problems, and no value */
export function checkBody<Body>(schema: z.ZodType<Body>, body: Members): Body {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalid(result.error.issues.flatMap(problemsOf));
}

function problemsOf(issue: z.core.$ZodIssue): ValueProblem[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key.slice(0, 60)].join('.'), message: 'is not a member of it' }));
}
