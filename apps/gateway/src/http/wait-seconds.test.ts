import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LONGEST_WAIT_S, waitSeconds } from './wait-seconds.js';

describe('the query parameter `wait`', () => {
  it.each([
    ['30', 30],
    ['30s', 30],
    ['0', 0],
    ['0s', 0],
    ['0.5', 0.5],
    ['0.5s', 0.5],
    ['60', 60],
    [undefined, 0],
  ])('reads %j as %d seconds', (given, seconds) => {
    expect(waitSeconds.parse(given)).toBe(seconds);
  });

  it.each(['', 's', '-1', '1m', '30 s', '1e1', 'NaN', '60.1', '61s', '9'.repeat(400), ['1', '2'], {}])(
    'refuses %j',
    (given) => {
      expect(waitSeconds.safeParse(given).success).toBe(false);
    },
  );

  it.each(['input', 'output'] as const)('is a number in the JSON Schema of its %s', (io) => {
    expect(z.toJSONSchema(waitSeconds, { io })).toMatchObject({ type: 'number', minimum: 0, maximum: LONGEST_WAIT_S });
  });
});
