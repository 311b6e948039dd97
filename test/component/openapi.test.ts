import SwaggerParser from '@apidevtools/swagger-parser';
import { testPackages } from '@signalbox/testing';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiDocument, type Body, type JsonSchema, type Operation } from '../support/api-document.js';
import { withBrowser } from '../support/browser.js';
import { lint } from '../support/redocly.js';
import { System, type SystemInProcess } from '../support/system.js';

describe('the OpenAPI document', () => {
  let system: SystemInProcess;
  let text: string;
  let api: ApiDocument;

  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
    text = await (await system.get('/openapi.json', {})).text();
    api = new ApiDocument(JSON.parse(text) as object);
  });
  afterAll(async () => {
    await system.close();
  });

  it('passes the recommended rules of Redocly without a warning', async () => {
    expect(await lint(text)).toEqual([]);
  });

  it('is read by swagger-parser and by openapi-typescript', async () => {
    await expect(SwaggerParser.validate(JSON.parse(text) as never)).resolves.toMatchObject({ openapi: '3.1.1' });
    const types = astToString(await openapiTS(text));
    for (const name of ['listKeys', 'createConnection', 'Project', 'Connection', 'Key'])
      expect(types).toMatch(new RegExp(`^ +${name}: `, 'm'));
  });

  it('names each operation, and gives it a described tag', () => {
    const { tags } = JSON.parse(text) as { tags: { name: string; description: string }[] };
    const described = tags.filter(({ description }) => description !== '').map(({ name }) => name);
    for (const {
      operationId,
      tags: [tag],
    } of api.operations) {
      expect(operationId).toMatch(/^[a-z]+[A-Z][A-Za-z]+$/);
      expect(described).toContain(tag);
    }
    expect(new Set(api.operations.map(({ operationId }) => operationId)).size).toBe(api.operations.length);
  });

  it('has an example for each body, which its schema accepts', () => {
    const bodies = api.operations.flatMap(({ operationId, requestBody, responses }) =>
      [...Object.values(responses), requestBody ?? {}].flatMap(({ content = {} }) =>
        Object.entries(content)
          .filter(([type]) => type.endsWith('json'))
          .map(([, { schema }]): [string, JsonSchema] => [operationId, schema.items ?? schema]),
      ),
    );
    expect(bodies.length).toBeGreaterThan(400);
    for (const [operationId, schema] of bodies) expect([operationId, schema.$ref]).not.toContain(undefined);
    for (const [name, schema] of new Map(bodies.map(([, each]) => [each.$ref, each]))) {
      const [example] = api.resolve(schema).examples ?? [];
      expect([name, example]).not.toContain(undefined);
      expect([name, ...api.problems(schema, example)]).toEqual([name]);
    }
  });

  it('names the settings of connections wherever they stand', () => {
    let count = 0;
    JSON.parse(text, (key, value: JsonSchema) => {
      if (key !== 'properties') return value;
      for (const [name, schema] of Object.entries(value).filter(([member]) => member.endsWith('Connection'))) {
        expect([name, schema]).toEqual([
          name,
          { $ref: expect.stringMatching(/Connection(Input|Change)?$/) as unknown },
        ]);
        count += 1;
      }
      return value;
    });
    expect(count).toBeGreaterThan(30);
  });

  it('has `wait` as a number', () => {
    const waits = api.operations.flatMap(({ parameters }) => parameters.filter(({ name }) => name === 'wait'));
    expect(waits.map(({ schema }) => schema['type'])).toEqual(['number', 'number']);
  });

  it('has no pattern that a person cannot read', () => {
    for (const [, pattern] of text.matchAll(/"pattern":"((?:\\.|[^"])*)"/g)) expect(pattern!.length).toBeLessThan(40);
  });

  it('describes the answer to a head that is too large', async () => {
    const answer = await system.get('/livez', { 'x-large': 'x'.repeat(20_000) });
    const body = (await answer.json()) as { request_id: string };
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([431, body.request_id]);
    const { components } = JSON.parse(text) as { components: { responses: Record<string, Body> } };
    const described = components.responses['HeadTooLarge']!.content![answer.headers.get('content-type')!]!;
    expect([body, ...api.problems(described.schema, body)]).toEqual([body]);
    expect(body).toMatchObject({ status: 431, code: 'head_too_large' });
    for (const { responses } of api.operations)
      expect(responses['431']).toEqual({ $ref: '#/components/responses/HeadTooLarge' });
  });

  it('has the borders of a page, which are those that are checked', async () => {
    for (const operationId of ['listAuditEntries', 'listRestarts']) {
      const { path, parameters } = api.operations.find((each) => each.operationId === operationId)!;
      const { schema } = parameters.find(({ name }) => name === 'limit')!;
      expect(schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 1_000, default: 100 });
      for (const limit of ['0', '1001', '1.5', 'x'])
        expect([path, limit, (await system.get(`${path}?limit=${limit}`)).status]).toEqual([path, limit, 400]);
    }
  });

  it('describes what each operation that needs a credential is answered with because of its caller', () => {
    const secured = api.operations.filter(({ security }) => security.length > 0);
    const lacking = secured.flatMap(({ operationId, responses }) =>
      ['401', '403', '429', '503'].filter((status) => !(status in responses)).map((status) => [operationId, status]),
    );
    expect(lacking).toEqual([]);
  });

  it('describes the headers of answers, and those of limits only where requests are counted', () => {
    const headersOf = (operationId: string, status: string): string[] => {
      const { responses } = api.operations.find((each) => each.operationId === operationId)!;
      return Object.keys(responses[status]!.headers ?? {});
    };
    expect(headersOf('getProject', '304')).toEqual(['X-Request-Id', 'ETag']);
    expect(headersOf('restartDataplane', '202')).toEqual(expect.arrayContaining(['Location', 'X-RateLimit-Remaining']));
    expect(headersOf('getReaderStatus', '401')).toEqual(['X-Request-Id', 'WWW-Authenticate']);
    expect(headersOf('getReaderStatus', '429')).toEqual(['X-Request-Id', 'Retry-After']);
    const isLimited = ({ operationId, responses }: Operation): boolean =>
      Object.keys(responses).some((status) => headersOf(operationId, status).includes('RateLimit'));
    const isCounted = ({ path, security }: Operation): boolean => /^(\/api)?\/v1\//.test(path) && security.length > 0;
    expect(api.operations.filter(isLimited)).toEqual(api.operations.filter(isCounted));
  });

  it('describes the page that a browser gets in place of an error of the sign-in', async () => {
    const { status, headers } = await system.get('/v1/session/sign-in', { accept: 'text/html' });
    const { responses } = api.operations.find(({ operationId }) => operationId === 'beginSignIn')!;
    expect([status, headers.get('content-type')?.split(';')[0]]).toEqual([404, 'text/html']);
    expect(Object.keys(responses['404']!.content!)).toEqual(['application/problem+json', 'text/html']);
  });

  it('names no licence, and refers to a page that says so', async () => {
    const { info } = JSON.parse(text) as { info: { license: { name: string; url: string } } };
    expect(info.license).toEqual({ name: 'No licence yet', url: '/docs/licence' });
    expect(await (await system.get(info.license.url, {})).text()).toContain('There is no licence yet');
  });

  it('says which operations need a credential', async () => {
    for (const { method, path, security } of api.operations) {
      const { status } = await fetch(`${system.baseUrl}${at(path)}`, { method, redirect: 'manual' });
      expect([method, path, status === 401]).toEqual([method, path, security.length > 0]);
    }
  });

  it('describes the status and the body of each answer to a request for what is not there', async () => {
    await Promise.all(
      api.operations.map(async ({ method, path, responses }) => {
        const response = await system.send(method, at(path), method === 'GET' ? undefined : {});
        const [type] = (response.headers.get('content-type') ?? '').split(';');
        const body = await response.text();
        const described = responses[response.status] ?? responses['default'];
        expect([method, path, response.status, body, described]).not.toContain(undefined);
        if (body === '') return;
        const schema = described!.content?.[type!]?.schema;
        expect([method, path, response.status, type, schema]).not.toContain(undefined);
        if (!type!.endsWith('json')) return;
        expect([method, path, body, ...api.problems(schema!, JSON.parse(body))]).toEqual([method, path, body]);
      }),
    );
  });

  it('refers with `doc_url` to an anchor that exists', async () => {
    const { doc_url } = (await (await system.get('/v1/datasources', {})).json()) as { doc_url: string };
    const [path, anchor] = doc_url.split('#');
    expect(await (await system.get(path!, {})).text()).toContain(`id="${anchor}"`);
  });

  it('is shown by a page of which every file is of this server, as UTF-8, and known to a browser that has it', async () => {
    for (const path of [
      '/docs',
      '/docs/errors',
      '/docs/licence',
      '/docs/page.js',
      '/docs/swagger-ui.js',
      '/openapi.json',
    ]) {
      const response = await system.get(path, {});
      expect([path, response.status, response.headers.get('content-type')]).toEqual([
        path,
        200,
        expect.stringMatching(/; charset=utf-8$/),
      ]);
      expect(response.headers.get('content-security-policy')).not.toMatch(/unsafe|https?:/);
      const etag = response.headers.get('etag')!;
      // As a browser sends it, and as one does behind a proxy that compresses.
      for (const sent of [etag, `W/${etag}`])
        expect([path, (await system.get(path, { 'if-none-match': sent })).status]).toEqual([path, 304]);
    }
  });

  it('is shown by a page that sends requests with the key, which it keeps for its tab only', async () => {
    await testPackages();
    await withBrowser(async (page) => {
      page.setDefaultTimeout(90_000);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.goto(`${system.baseUrl}/docs`);
      await page.waitForSelector('.opblock');
      expect(await page.locator('.opblock').count()).toBe(api.operations.length);
      await page.click('.auth-wrapper .authorize');
      const key = page.locator('.auth-container', { hasText: 'X-Api-Key' });
      await key.locator('input').fill(system.adminKey);
      await key.locator('button[type=submit]').click();
      await page.reload();
      await page.click('#operations-platform-getPlatform .opblock-summary-control');
      await page.click('#operations-platform-getPlatform .try-out__btn');
      await page.click('#operations-platform-getPlatform .execute');
      expect(await page.locator('.live-responses-table .response-col_status').last().textContent()).toContain('200');
      expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(system.adminKey);
      expect(complaints).toEqual([]);
    });
  }, 180_000);
});

/** The path with a name for each of its parameters. */
const at = (path: string): string => path.replaceAll(/\{\w+\}/g, 'x');
