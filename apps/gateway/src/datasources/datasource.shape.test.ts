import { describe, expect, it } from 'vitest';
import { ApiError, type ErrorCode } from '../http/errors/api-error.js';
import { datasourceShape } from './datasource.shape.js';

describe('datasourceShape', () => {
  it.each<[number, ErrorCode, string, string]>([
    [400, 'malformed_json', 'AbloValidationError', 'invalid_json'],
    [400, 'invalid_request', 'AbloValidationError', 'invalid_request'],
    [400, 'invalid_value', 'AbloValidationError', 'invalid_body'],
    [401, 'token_revoked', 'AbloAuthenticationError', 'apikey_revoked'],
    [403, 'insufficient_scope', 'AbloPermissionError', 'capability_scope_denied'],
    [403, 'network_not_allowed', 'AbloPermissionError', 'forbidden'],
    [404, 'not_found', 'AbloValidationError', 'entity_not_found'],
    [413, 'payload_too_large', 'AbloValidationError', 'request_too_large'],
    [429, 'too_many_guesses', 'AbloRateLimitError', 'rate_limit_exceeded'],
    [500, 'internal_error', 'AbloServerError', 'internal_error'],
    [503, 'storage_unavailable', 'AbloConnectionError', 'storage_unavailable'],
    [504, 'outcome_unknown', 'AbloConnectionError', 'outcome_unknown'],
  ])('gives %d %s the type %s and the code %s', (status, code, type, shown) => {
    expect(datasourceShape(new ApiError({ status, code, detail: 'd' }), 'req_1')).toEqual({
      contentType: 'application/json; charset=utf-8',
      body: { type, code: shown, message: 'd', request_id: 'req_1', doc_url: `/docs/errors#${code}` },
    });
  });

  it('names the member of a body that is refused', () => {
    const fields = [{ path: 'metadata.a', message: 'm' }];
    const { body } = datasourceShape(new ApiError({ status: 400, code: 'invalid_request', detail: 'd', fields }), 'r');
    expect(body).toMatchObject({ code: 'invalid_body', param: 'metadata.a' });
  });
});
