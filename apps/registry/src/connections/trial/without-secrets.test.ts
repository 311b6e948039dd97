import { describe, expect, it } from 'vitest';
import { withoutSecrets } from './without-secrets.js';

describe('the text of a driver', () => {
  it.each([
    [{ password: 'hunter2' }, 'no entry for hunter2', 'no entry for ***'],
    [{ password: 'a b' }, 'GET /?p=a%20b', 'GET /?p=***'],
    [{ connectionString: 'postgres://reader:p%40ss@db/shop' }, 'user "reader", p@ss', 'user "***", ***'],
    [{ connectionString: 'postgres://reader:p@db/shop' }, 'no answer of db for shop', 'no answer of db for shop'],
    [{ connectionString: 'postgres://reader:/s3cr3t@db/app' }, 'database "s3cr3t@db/app"', 'database "***"'],
    [{ connectionString: 'postgres://reader:12/s3cr3t@db/app' }, 'ENOTFOUND reader', 'ENOTFOUND ***'],
    [{ connectionString: 'host=h password=p%41' }, 'database "host=h password=pA"', 'database "***"'],
  ])('of %j: %s is shown as %s', (postgresConnection, text, shown) => {
    expect(withoutSecrets(text, { type: 'postgres', postgresConnection })).toBe(shown);
  });

  it('is cut', () => {
    expect(withoutSecrets('x'.repeat(5_000), {})).toHaveLength(1_000);
  });
});
