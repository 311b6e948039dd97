import { describe, expect, it } from 'vitest';
import { createBody } from './datasource-body.js';

const direct = { connectionString: 'postgres://u:canary@db/shop' };

/** What is refused, and with which member. */
const refusalOf = (body: unknown): unknown => {
  try {
    return createBody(body);
  } catch (error) {
    return error;
  }
};

describe('createBody', () => {
  it.each([direct, { ...direct, connection: 'direct', schema: 'shop' }, { endpoint: 'https://x', signingKey: 'k' }])(
    'takes %j',
    (body) => {
      expect(createBody(body)).toEqual(body);
    },
  );

  it.each([null, undefined, [], 'text', 7])('refuses %j, which is no object', (body) => {
    expect(refusalOf(body)).toMatchObject({ status: 400, message: 'The body must be a JSON object.' });
  });

  it('names an unknown member, cut to a bounded length', () => {
    const refusal = refusalOf({ ...direct, [`x${'y'.repeat(10_000)}`]: 1 });
    expect(refusal).toMatchObject({ fields: [{ path: `x${'y'.repeat(99)}`, message: 'is not known' }] });
    expect((refusal as Error).message.length).toBeLessThan(200);
  });

  it('bounds what it says of a metadata name that is too long', () => {
    const refusal = refusalOf({ ...direct, metadata: { ['m'.repeat(10_000)]: 'v' } });
    expect((refusal as Error).message.length).toBeLessThan(300);
  });
});
