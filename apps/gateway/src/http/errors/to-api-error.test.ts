import { OutcomeUnknown } from '@signalbox/persistence';
import { describe, expect, it } from 'vitest';
import { toApiError } from './to-api-error.js';

describe('toApiError', () => {
  it('reveals nothing of an unexpected error', () => {
    const shown = toApiError(new Error('password hunter2 in /srv/secret'));
    expect(shown).toMatchObject({ status: 500, code: 'internal_error' });
    expect(shown.message).not.toContain('hunter2');
  });

  it('reports an unavailable database as storage_unavailable', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(toApiError(refused)).toMatchObject({ status: 503, code: 'storage_unavailable' });
  });

  it('reports a commit without an answer as outcome_unknown', () => {
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
