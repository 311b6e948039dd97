import type { Notice } from '@signalbox/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { System, type SystemInProcess } from '../support/system.js';

const HOUR_MS = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

describe('/v1/notices', () => {
  let system: SystemInProcess;
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
  });
  afterAll(() => system.close());

  const schedule = (over: Record<string, unknown> = {}): Promise<Response> =>
    system.send('POST', '/v1/notices', { message: 'm', components: ['storage'], ends_at: inHours(2), ...over });
  const made = async (over?: Record<string, unknown>): Promise<Notice> =>
    (await (await schedule(over)).json()) as Notice;
  const answer = async (response: Response): Promise<[number, Record<string, unknown>]> => [
    response.status,
    (await response.json()) as Record<string, unknown>,
  ];

  it('are scheduled for later, and cancelled by ending them before', async () => {
    const starts_at = inHours(1);
    const notice = await made({ starts_at, components: ['storage', 'messaging', 'storage'] });
    expect(notice).toMatchObject({
      type: 'maintenance',
      state: 'scheduled',
      components: ['storage', 'messaging'],
      starts_at,
      created_by: expect.stringMatching(/^key_/) as string,
    });
    expect((await (await system.get('/v1/status')).json()) as object).not.toHaveProperty('notice');
    expect(await answer(await system.send('POST', `/v1/notices/${notice.id}/end`))).toMatchObject([
      200,
      { state: 'cancelled', starts_at, ends_at: starts_at },
    ]);
    expect(await (await system.get(`/v1/notices/${notice.id}`)).json()).toMatchObject({ state: 'cancelled' });
  });

  it('cannot be changed when they are over', async () => {
    const { id } = await made();
    await system.send('POST', `/v1/notices/${id}/end`);
    for (const response of [
      await system.send('POST', `/v1/notices/${id}/end`),
      await system.send('PATCH', `/v1/notices/${id}`, { ends_at: inHours(3) }),
    ])
      expect(await answer(response)).toMatchObject([409, { success: false, code: 'notice_is_over', status_code: 409 }]);
  });

  it.each([
    ['components', { components: ['elevator'] }],
    ['components', { components: [] }],
    ['ends_at', { ends_at: inHours(-1) }],
    ['ends_at', { starts_at: inHours(3) }],
    ['ends_at', { ends_at: 'tomorrow' }],
    ['message', { message: '' }],
  ])('are refused with the name of the member: %s of %j', async (path, over) => {
    expect(await answer(await schedule(over))).toMatchObject([
      400,
      { success: false, code: 'invalid_request', details: { errors: [{ path }] } },
    ]);
  });

  it('are read by members and changed by managers', async () => {
    const keyOf = async (role: string): Promise<string> =>
      ((await (await system.send('POST', '/v1/keys', { name: role, role })).json()) as { key: string }).key;
    const [member, manager] = [await keyOf('member'), await keyOf('manager')];
    const body = { message: 'm', components: ['api'], ends_at: inHours(1) };
    expect((await system.get('/v1/notices', { 'x-api-key': member })).status).toBe(200);
    expect((await system.send('POST', '/v1/notices', body, member)).status).toBe(403);
    expect((await system.send('POST', '/v1/notices', body, manager)).status).toBe(201);
    expect(await answer(await system.get('/v1/notices/notice_none'))).toMatchObject([
      404,
      { code: 'notice_not_found' },
    ]);
  });
});
