import { RequestError } from '@signalbox/messaging';
import { describe, expect, it } from 'vitest';
import { datasourceErrorOf } from './datasource-errors.js';

const refused = (remoteCode: string, message = 'm') => new RequestError('refused', message, remoteCode);

describe('datasourceErrorOf', () => {
  it.each([
    [new RequestError('timeout', 'm'), true, 504, 'outcome_unknown'],
    [new RequestError('timeout', 'm'), false, 504, 'not_ready'],
    [new RequestError('unsent', 'm'), true, 503, 'not_serving'],
    [new RequestError('unroutable', 'm'), true, 503, 'not_serving'],
    [refused('storage_unavailable'), true, 503, 'not_serving'],
    [refused('not_found'), true, 404, 'datasource_not_found'],
    [refused('mode_refused'), true, 403, 'mode_not_allowed'],
  ])('makes of %s (a change: %s) the answer %d %s', (error, isChange, status, code) => {
    expect(datasourceErrorOf(error, { id: 'ds_1', isChange })).toMatchObject({ status, code });
  });

  it('finds the member in a refusal that begins with it', () => {
    const of = (message: string) => datasourceErrorOf(refused('invalid_value', message), { isChange: true });
    expect(of('connectionString: is no URL')).toMatchObject({ fields: [{ path: 'connectionString' }] });
    expect(of('It is too large.')).toMatchObject({ fields: undefined });
  });

  it('leaves an error that is not known as it is', () => {
    const unknown = refused('internal');
    expect(datasourceErrorOf(unknown, { isChange: true })).toBe(unknown);
  });
});
