import { testPackages } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignPage, withBrowser } from '../support/browser.js';
import { sendRaw, type RawAnswer } from '../support/raw-request.js';
import { System, type SystemInProcess } from '../support/system.js';

const PAGE = 'https://console.example';
const OTHER_PAGE = 'https://console.example.evil';

/** What a browser sends with each request of a page on another origin. */
const asBrowser = (origin: string): string[] => [
  'Host',
  'Connection: keep-alive',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Accept: */*',
  `Origin: ${origin}`,
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Dest: empty',
  `Referer: ${origin}/`,
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-US,en;q=0.9',
];

describe('a page of another origin', () => {
  let system: SystemInProcess;
  let listed: Awaited<ReturnType<typeof foreignPage>>;
  beforeAll(async () => {
    listed = await foreignPage('localhost');
    system = await System.inProcess();
    await system.startGateway({ SIGNALBOX_CORS_ORIGINS: `${new URL(listed.url).origin}, ${PAGE}` });
  });
  afterAll(async () => {
    await system?.close();
    await listed[Symbol.asyncDispose]();
  });

  const send = (line: string, origin: string, ...more: string[]): Promise<RawAnswer> =>
    sendRaw(system.baseUrl, { line, headers: [...asBrowser(origin), ...more] });
  const preflight = (path: string, origin: string, method = 'POST'): Promise<RawAnswer> =>
    send(
      `OPTIONS ${path}`,
      origin,
      `Access-Control-Request-Method: ${method}`,
      'Access-Control-Request-Headers: authorization,content-type,if-match',
    );
  const key = (): string => `X-Api-Key: ${system.adminKey}`;
  const permissions = ({ headers }: RawAnswer): string[] =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'));

  it.each(['/v1/keys', '/api/v0/projects', '/status', '/healthz', '/none'])(
    'gets the answer to its preflight of %s without a key',
    async (path) => {
      expect(await preflight(path, PAGE, 'PATCH')).toMatchObject({
        status: 204,
        body: '',
        headers: {
          'access-control-allow-origin': PAGE,
          'access-control-allow-credentials': 'true',
          'access-control-allow-methods': expect.stringContaining('PATCH') as string,
          'access-control-allow-headers': 'authorization,content-type,if-match',
          'access-control-max-age': '600',
          vary: 'Origin, Access-Control-Request-Headers',
        },
      });
    },
  );

  it.each([
    ['an answer', 'GET /api', 200, key],
    ['an answer from memory, first', 'GET /status', 200, key],
    ['an error of a route', 'GET /v1/keys/key_0', 404, key],
    ['a refusal', 'GET /v1/status', 401, () => 'X-Api-Key: wrong'],
    ['a wrong method', 'PUT /status', 405, key],
    ['a path without a route', 'GET /v1/keys/a/b', 404, key],
    ['a public answer', 'GET /livez', 200, () => 'Accept-Language: en'],
  ])('can read %s', async (_what, line, status, header) => {
    const answer = await send(line, PAGE, header());
    expect([answer.status, answer.body]).toEqual([status, expect.stringMatching(/^\{/)]);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': expect.stringMatching(/ETag.*Location.*Retry-After.*X-Request-Id.*X-RateLimit/),
      vary: expect.stringMatching(/^Origin(, Accept-Encoding)?$/) as string,
    });
  });

  it('is not permitted unless it is listed, and neither is its preflight', async () => {
    for (const origin of [OTHER_PAGE, 'null', 'https://CONSOLE.example', 'http://console.example']) {
      const answers = [await preflight('/v1/keys', origin), await send('GET /status', origin, key())];
      expect(answers.map(({ status }) => status)).toEqual([401, 200]);
      expect(answers.flatMap(permissions)).toEqual([]);
      expect(answers.map(({ headers }) => headers['vary'])).toEqual(['Origin', 'Origin, Accept-Encoding']);
    }
  });

  it('is refused early with many wrong keys, and can read that', async () => {
    const guesses = () => Promise.all(Array.from({ length: 30 }, () => send('GET /status', PAGE, 'X-Api-Key: wrong')));
    await guesses();
    const refusals = (await guesses()).filter(({ status }) => status === 429);
    expect(refusals.length).toBeGreaterThan(0);
    for (const { headers } of refusals)
      expect(headers).toMatchObject({ 'access-control-allow-origin': PAGE, 'retry-after': '1' });
  });

  it('works in a browser where its origin is listed', { timeout: 700_000 }, async () => {
    await testPackages();
    await using other = await foreignPage('127.0.0.1');
    await withBrowser(async (page) => {
      const request = {
        method: 'POST',
        headers: { authorization: `Bearer ${system.adminKey}`, 'content-type': 'application/json' },
        body: '{"name":"made by a page"}',
      };
      const script = `fetch('${system.baseUrl}/v1/keys', ${JSON.stringify(request)})
        .then((answer) => [answer.status, answer.headers.get('x-ratelimit-limit') !== null], (error) => error.name)`;
      await page.goto(listed.url);
      expect(await page.evaluate(script)).toEqual([201, true]);
      await page.goto(other.url);
      expect(await page.evaluate(script)).toBe('TypeError');
    });
    const { data } = (await (await system.get('/v1/keys')).json()) as { data: { name: string }[] };
    expect(data.filter(({ name }) => name === 'made by a page')).toHaveLength(1);
  });
});
