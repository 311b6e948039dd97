import { describe, expect, it } from 'vitest';
import { parseRoutes } from './route.js';

describe('parseRoutes', () => {
  it('reads names, addresses and which routes need TLS', () => {
    expect(parseRoutes(' db.internal:5432, 10.0.0.1:443/tls,[::1]:5432,, ')).toEqual({
      ok: true,
      routes: [
        { name: 'db.internal:5432', host: 'db.internal', port: 5432, tls: false },
        { name: '10.0.0.1:443', host: '10.0.0.1', port: 443, tls: true },
        { name: '[::1]:5432', host: '::1', port: 5432, tls: false },
      ],
    });
  });

  it.each(['db', 'db:', ':5432', 'db:0', 'db:65536', 'db:5432/ssl', '::1:5432', '[db]:5432', 'http://db:80'])(
    'refuses %s',
    (text) => {
      expect(parseRoutes(text)).toMatchObject({
        ok: false,
        problem: expect.stringContaining(JSON.stringify(text)) as string,
      });
    },
  );

  it('refuses the same route twice, as a report has one entry for it', () => {
    expect(parseRoutes('db:5432,db:5432/tls')).toEqual({ ok: false, problem: 'db:5432 is listed twice' });
  });
});
