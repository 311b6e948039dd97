import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.js';

describe('describeError', () => {
  it('returns the first line of the message', () => {
    expect(describeError(new Error('refused\n    by the server'))).toBe('refused');
  });

  it('returns the code, or else the name, of an error without a message', () => {
    expect(describeError(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(describeError(new TypeError())).toBe('TypeError');
  });

  it('returns a thrown value that is no error as text', () => {
    expect(describeError('text')).toBe('text');
    expect(describeError(undefined)).toBe('undefined');
  });
});
