import { OutcomeUnknown } from '@signalbox/persistence';
import { describe, expect, it } from 'vitest';
import { toApiError } from './to-api-error.js';

describe('toApiError', () => {
  it('tells nothing of the inside of what nobody foresaw', () => {
    const shown = toApiError(new Error('password hunter2 in /srv/secret'));
    expect(shown).toMatchObject({ status: 500, code: 'internal_error' });
    expect(shown.message).not.toContain('hunter2');
  });

  it('says that the database is away', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(toApiError(refused)).toMatchObject({ status: 503, code: 'storage_unavailable' });
  });

  it('does not say that nothing was changed where a commit was left without an answer', () => {
    expect(toApiError(new OutcomeUnknown('COMMIT', { cause: new Error('terminated') }))).toMatchObject({
      status: 504,
      code: 'outcome_unknown',
    });
  });

  it.each([
    [413, 'payload_too_large'],
    [415, 'unsupported_media_type'],
    [404, 'not_found'],
    [400, 'invalid_request'],
  ])('gives what the framework throws with %d the code %s', (statusCode, code) => {
    expect(toApiError(Object.assign(new Error('x'), { statusCode }))).toMatchObject({ status: statusCode, code });
  });
});
