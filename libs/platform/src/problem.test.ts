import { expect, test } from 'vitest';
import { problem } from './problem.js';

test('has the type about:blank for a code that repeats the status', () => {
  expect(problem({ status: 404, code: 'not_found' })).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    code: 'not_found',
  });
});

test('derives the type from any other code, and keeps further members', () => {
  expect(
    problem({
      status: 504,
      code: 'outcome_unknown',
      detail: 'No answer in time.',
      request_id: 'r1',
      stream: 'registry',
    }),
  ).toEqual({
    type: 'urn:signalbox:problem:outcome_unknown',
    title: 'Gateway Timeout',
    status: 504,
    detail: 'No answer in time.',
    code: 'outcome_unknown',
    request_id: 'r1',
    stream: 'registry',
  });
});
