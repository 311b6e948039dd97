import { OutcomeUnknown } from '@signalbox/persistence';
import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error.js';
import { shapeError } from './error-shapes.js';
import { toApiError } from './to-api-error.js';

const error = new ApiError({
  status: 403,
  code: 'insufficient_role',
  detail: 'No.',
  suggestion: 'Ask.',
  fields: [{ path: 'name', message: 'bad' }],
});

describe('error shapes', () => {
  it('is RFC 9457 where no document speaks', () => {
    expect(shapeError('problem', error, 'req_1')).toEqual({
      contentType: 'application/problem+json',
      body: {
        type: 'urn:signalbox:problem:insufficient_role',
        title: 'Forbidden',
        status: 403,
        detail: 'No.',
        code: 'insufficient_role',
        request_id: 'req_1',
        suggestion: 'Ask.',
        errors: [{ path: 'name', message: 'bad' }],
      },
    });
  });

  it.each([
    ['registry', { code: 403, message: 'No.' }],
    ['platform', { detail: 'No.' }],
    [
      'datasource',
      {
        type: 'AbloPermissionError',
        code: 'forbidden',
        message: 'No.',
        param: 'name',
        request_id: 'req_1',
        doc_url: '/docs#forbidden',
      },
    ],
    [
      'service-status',
      {
        success: false,
        message: 'No.',
        code: 'insufficient_role',
        status_code: 403,
        suggestion: 'Ask.',
        request_id: 'req_1',
        details: { errors: [{ path: 'name', message: 'bad' }] },
      },
    ],
  ] as const)('%s', (shape, body) => {
    expect(shapeError(shape, error, 'req_1').body).toEqual(body);
  });
});

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
