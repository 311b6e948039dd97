import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { System, type SystemInProcess } from '../support/system.js';

const DEEP = '['.repeat(2_000_000);

/** Bodies are read only on routes that take one, of callers that may send one. */
describe('the body of a request', () => {
  let system: SystemInProcess;
  let member: string;
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
    const made = await system.send('POST', '/v1/keys', { name: 'member', role: 'member' });
    ({ key: member } = (await made.json()) as { key: string });
  });
  afterAll(async () => {
    await system.close();
  });

  const send = (method: string, path: string, key: string | undefined, body: string): Promise<Response> =>
    fetch(`${system.baseUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) },
      body,
    });

  it.each([
    ['without a key, to no route', 404, 'POST', '/nosuch', () => undefined],
    ['without a key, to a route', 401, 'POST', '/v1/keys', () => undefined],
    ['with a member key, to no route', 404, 'POST', '/v1/nosuch', () => member],
    ['with a member key, with another method', 405, 'PUT', '/v1/tokens', () => member],
    ['with a member key, to a route of admins', 403, 'POST', '/v1/keys', () => member],
    ['with a member key, to its own route', 413, 'POST', '/v1/tokens', () => member],
    ['with an admin key, to a route that takes none', 404, 'DELETE', '/v1/keys/key_none', () => system.adminKey],
  ])('of two million brackets %s is not read: %d', async (_what, status, method, path, key) => {
    const response = await send(method, path, key(), DEEP);
    const text = await response.text();
    expect([response.status, text.includes('nested'), text.includes('JSON')]).toEqual([status, false, false]);
  });

  it('is refused by its depth where it is taken', async () => {
    for (const [levels, code] of [
      [64, undefined],
      [65, 'nested too deeply'],
    ] as const) {
      const text = await (
        await send('POST', '/v1/keys', system.adminKey, '['.repeat(levels) + ']'.repeat(levels))
      ).text();
      expect([levels, text.includes('nested too deeply')]).toEqual([levels, code !== undefined]);
    }
  });

  it('is read exactly where the API document has one', async () => {
    const text = await (await system.get('/openapi.json', {})).text();
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { requestBody?: object }>> };
    for (const [template, methods] of Object.entries(paths))
      for (const [method, { requestBody }] of Object.entries(methods)) {
        if (method === 'get') continue;
        const path = template.replaceAll(/\{\w+\}/g, 'none');
        const answer = await (await send(method.toUpperCase(), path, system.adminKey, '{')).text();
        const isRead = answer.includes('not valid JSON');
        expect([method, template, isRead]).toEqual([method, template, requestBody !== undefined]);
      }
  });
});
