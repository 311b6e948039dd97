import { describe, expect, it } from 'vitest';
import { acceptsGzip } from './accepts-gzip.rules.js';

describe('acceptsGzip', () => {
  it.each([
    'gzip',
    'gzip, deflate, br',
    'br;q=1.0, gzip;q=0.8',
    ' GZIP ',
    '*',
    'x-gzip',
    'identity;q=0.5, gzip ; q=0.1',
  ])('takes %j', (accepted) => expect(acceptsGzip(accepted)).toBe(true));

  it.each([undefined, '', 'br', 'identity', 'gzip;q=0', 'gzip;q=0.0, *', '*;q=0', 'gzip;q=x', 'notgzip'])(
    'does not take %j',
    (accepted) => expect(acceptsGzip(accepted)).toBe(false),
  );
});
