import { readFileSync } from 'node:fs';
import type { DatasourceBody } from '@signalbox/contracts/http';
import { datasourceRequestTypes as types, type DatasourceReply } from '@signalbox/contracts/messages';
import type { DatasourceEntry } from '@signalbox/contracts/streams';
import { RequestRefused } from '@signalbox/messaging';
import { eventually } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatasourceOwner, type Asked } from '../support/datasource-owner.js';
import { isAccepted, isProduced } from '../support/datasource-schema.js';
import { directEntry, endpointEntry } from '../support/datasources.js';
import { System, type SystemInProcess } from '../support/system.js';

const EXAMPLE = new URL('../contracts/datasource.example.json', import.meta.url);

/** Ajv forgets what a `oneOf` has looked at unless its first branch holds, which here is that of live endpoints. */
const asLive = (body: DatasourceBody): DatasourceBody =>
  body.connection === 'endpoint' && body.environment === 'test'
    ? { ...body, environment: 'live', livemode: true }
    : body;

const PATH = '/v1/datasources';
const CONNECTION_STRING = 'postgres://replicator:canary-password@db.example.com/shop';

/** A gateway, and in place of datasource-sync an owner that the tests direct. */
describe('/v1/datasources', () => {
  let system: SystemInProcess;
  let owner: DatasourceOwner;
  /** The answer before anything was received from the owner. */
  let beforeAny: Response;
  /** Of another account, with the role admin. */
  let stranger: string;
  let isOwnerClosed = false;
  const shown = new Set<string>();

  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
    beforeAny = await system.get(PATH);
    owner = await DatasourceOwner.start(system.broker.url);
    await eventually(async () => (await system.get(PATH)).status === 200);
    const { id: account } = await made('/v1/accounts', { name: 'other', tier: 'operators' });
    stranger = await newKey({ role: 'admin', account });
  });
  afterAll(async () => {
    if (!isOwnerClosed) await owner?.close();
    await system.close();
  });
  beforeEach(() => void owner.asked.splice(0));
  afterEach(async () => {
    if (isOwnerClosed) return;
    await owner.remove(...shown);
    shown.clear();
    await eventually(async () => (await list()).length === 0);
  });

  const made = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const response = await system.send('POST', path, body);
    expect(response.status).toBe(201);
    return (await response.json()) as Record<string, string>;
  };
  const newKey = async (over: object): Promise<string> => {
    const { key } = await made('/v1/keys', { name: 'k', role: 'admin', ...over });
    await eventually(async () => (await system.get(PATH, { 'x-api-key': key! })).status !== 401);
    return key!;
  };
  /** Shows the datasources, and waits until the gateway does. */
  const show = async (...entries: DatasourceEntry[]): Promise<void> => {
    for (const { id } of entries) shown.add(id);
    await owner.show(...entries);
    const mine = entries.filter(({ account }) => account === 'operators');
    await eventually(async () => {
      const ids = new Set((await list()).map(({ id }) => id));
      return mine.every(({ id }) => ids.has(id));
    });
  };
  const list = async (key?: string): Promise<DatasourceBody[]> => {
    const response = await system.get(PATH, key === undefined ? undefined : { 'x-api-key': key });
    return ((await response.json()) as { data: DatasourceBody[] }).data;
  };
  /** Answers each request with the datasource as it is then. */
  const answerWith = (change: (asked: Asked) => Promise<DatasourceReply>): void => void (owner.answer = change);
  const refuse = (code: string, message: string): void => {
    owner.answer = () => {
      throw new RequestRefused(code, message);
    };
  };
  const errorOf = async (response: Response) => {
    const { request_id, ...body } = (await response.json()) as Record<string, unknown>;
    expect(request_id).toBe(response.headers.get('x-request-id'));
    expect(body).toMatchObject({ type: expect.stringMatching(/^Ablo/), message: expect.any(String) });
    return { status: response.status, ...body };
  };

  it('shows both kinds and environments as documented, at both paths, to a Bearer key as the document sends it', async () => {
    const test = { livemode: false };
    const entries = [
      directEntry(),
      directEntry({ id: 'ds_test_1', ...test }),
      endpointEntry(),
      endpointEntry({ id: 'dse_1', ...test }),
    ];
    await show(...entries);
    for (const { id, livemode, created_at } of entries)
      for (const path of [`${PATH}/${id}`, `/api${PATH}/${id}`]) {
        const response = await system.get(path, { authorization: `Bearer ${system.adminKey}` });
        const body = (await response.json()) as DatasourceBody;
        const { headers } = response;
        expect([response.status, headers.get('cache-control')]).toEqual([200, 'no-store']);
        // Counted at both paths.
        expect(headers.get('x-ratelimit-limit')).toBe('1000000');
        expect([isAccepted(body), isProduced(asLive(body)), isProduced.errors]).toEqual([true, true, null]);
        expect(body).toMatchObject({ id, livemode, created: Math.floor(created_at / 1_000) });
      }
  });

  it('shows together every member of the example of the document', async () => {
    await show(directEntry(), endpointEntry({ last_error: { code: 'http_500', message: 'It answered 500.' } }));
    const members = Object.assign({}, ...(await list())) as Record<string, unknown>;
    const example = Object.entries(JSON.parse(readFileSync(EXAMPLE, 'utf8')) as object);
    expect(example.filter(([name, value]) => typeof members[name] !== typeof value)).toEqual([]);
  });

  it('leaves out an event_lag that is not known, which the clients of the document accept', async () => {
    const entry = endpointEntry({ id: 'dse_never', livemode: false, status: 'unverified' });
    const endpoint = {
      ...entry.endpoint!,
      event_lag: null,
      last_request_at: null,
      last_success_at: null,
      cursor: null,
    };
    await show({ ...entry, endpoint, retry_count: 2, last_error: { code: 'timeout', message: 'It did not answer.' } });
    const [body] = await list();
    expect(isAccepted(body)).toBe(true);
    expect(body).not.toHaveProperty('event_lag');
    expect(body).toMatchObject({
      environment: 'test',
      last_request_at: null,
      last_error: 'It did not answer. (timeout)',
    });
  });

  it('lists what belongs to the account, the newest first, and nothing of another one', async () => {
    const [older, newer] = [1, 2].map((n) => endpointEntry({ id: `dse_${n}`, created_at: n * 1_000 }));
    await show(older!, newer!, endpointEntry({ id: 'dse_other', account: 'other' }));
    expect((await list()).map(({ id }) => id)).toEqual(['dse_2', 'dse_1']);
    expect(await list(stranger)).toEqual([]);
  });

  it('answers for an id of another account byte for byte as for an unknown one', async () => {
    const { id } = endpointEntry();
    const ways = [
      ['GET', ''],
      ['GET', '/detail'],
      ['GET', '/attempts'],
      ['PATCH', '', {}],
      ['DELETE', ''],
      ['POST', '/verify'],
      ['POST', '/resync'],
      ['POST', '/rotate_key', { signingKey: 'k' }],
    ] as const;
    refuse('not_found', 'whatever the owner says');
    const answers = () =>
      Promise.all(
        ways.map(async ([method, end, body]) => {
          const response = await system.send(method, `${PATH}/${id}${end}`, body, stranger);
          const requestId = response.headers.get('x-request-id')!;
          return [method + end, response.status, (await response.text()).replace(requestId, '')];
        }),
      );
    const unknown = await answers();
    await show(endpointEntry());
    expect(await answers()).toEqual(unknown);
    expect(unknown.map(([, status]) => status)).toEqual(ways.map(() => 404));
    expect(unknown[0]![2]).toContain('"code":"entity_not_found"');
  });

  it('lists ten thousand from memory, and only once to a client that has them', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => endpointEntry({ id: `dse_many${n}` }));
    for (let at = 0; at < many.length; at += 1_000) await show(...many.slice(at, at + 1_000));
    const response = await system.get(PATH);
    const { object, data, ...rest } = (await response.json()) as { object: string; data: DatasourceBody[] };
    expect([object, data.length, rest]).toEqual(['list', 10_000, {}]);
    const headers = { 'x-api-key': system.adminKey, 'if-none-match': response.headers.get('etag')! };
    expect((await system.get(PATH, headers)).status).toBe(304);
    // The same tag names other bytes for another account.
    expect((await system.get(PATH, { ...headers, 'x-api-key': stranger })).status).toBe(200);
    await show(endpointEntry({ id: 'dse_one_more' }));
    expect((await system.get(PATH, headers)).status).toBe(200);
    expect(owner.asked).toEqual([]);
  });

  it.each([
    ['direct', { connectionString: CONNECTION_STRING, metadata: { team: 'a' } }, directEntry()],
    ['endpoint', { endpoint: endpointEntry().endpoint!.url, signingKey: 'canary-key' }, endpointEntry()],
  ])('registers one of the kind %s, sealed, and answers when its verification has ended', async (_, body, entry) => {
    const checking = { ...entry.setup, checking: true };
    shown.add(entry.id);
    answerWith(async () => {
      const seq = await owner.show({ ...entry, status: 'unverified', setup: checking });
      void owner.show(entry);
      return { seq, datasource: { ...entry, status: 'unverified', setup: checking } };
    });
    const response = await system.send('POST', PATH, body);
    const created = (await response.json()) as DatasourceBody;
    expect([response.status, response.headers.get('location')]).toEqual([201, `${PATH}/${entry.id}`]);
    expect(created).toMatchObject({ id: entry.id, status: 'active' });
    expect(owner.asked).toMatchObject([{ type: types.create, content: body, account: 'operators', mode: 'live' }]);
    expect(JSON.stringify(created)).not.toContain('canary');
    expect(system.service('gateway').output).not.toContain('canary');
  });

  it('answers after three seconds with a verification that goes on', async () => {
    const entry = directEntry({ status: 'unverified', setup: { ...directEntry().setup, checking: true } });
    shown.add(entry.id);
    answerWith(async () => ({ seq: await owner.show(entry), datasource: entry }));
    const response = await system.send('POST', PATH, { connectionString: CONNECTION_STRING });
    expect([response.status, await response.json()]).toMatchObject([201, { status: 'unverified' }]);
  });

  it.each([
    [{}, 'connectionString', 'invalid_body'],
    [{ connection: 'endpoint' }, 'endpoint', 'invalid_body'],
    [{ connectionString: 7 }, 'connectionString', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, endpoint: 'https://x' }, 'signingKey', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, writeConnectionString: 'x' }, 'writeConnectionString', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, metadata: { a: 1 } }, 'metadata.a', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, metadata: { a: 'b\0' } }, 'metadata.a', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, metadata: { 'a\0': 'b' } }, 'metadata.a\0', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, metadata: { a: '\ud83d' } }, 'metadata.a', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, schema: 'a\0b' }, 'schema', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, schema: 'é'.repeat(32) }, 'schema', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, publication: 'a\udc00' }, 'publication', 'invalid_body'],
    [{ endpoint: 'https://x', signingKey: 'a\ud83d' }, 'signingKey', 'invalid_body'],
    [{ connectionString: CONNECTION_STRING, connection: 'endpoint' }, 'connection', 'invalid_body'],
    [{ connection: 'mysql' }, 'connection', 'datasource_connection_unsupported'],
    [[], undefined, 'invalid_body'],
  ])('refuses the body %j and names the member', async (body, param, code) => {
    const refused = await errorOf(await system.send('POST', PATH, body));
    expect(refused).toMatchObject({
      status: 400,
      type: 'AbloValidationError',
      code,
      doc_url: expect.stringMatching(/^\/docs\/errors#\w+$/),
    });
    expect((refused as { param?: string }).param).toBe(param);
    expect(JSON.stringify(refused)).not.toContain('canary');
    expect(owner.asked).toEqual([]);
  });

  it.each([
    ['invalid_value', 'endpoint: must be https in live mode', 400, 'AbloValidationError', 'invalid_body'],
    ['target_refused', 'It is a private address.', 403, 'AbloPermissionError', 'database_host_not_allowed'],
    ['wrong_kind', 'It is a database.', 400, 'AbloValidationError', 'datasource_connection_unsupported'],
    ['mode_refused', 'The key is for test.', 403, 'AbloPermissionError', 'forbidden'],
    ['too_many', 'There are 100.', 409, 'AbloValidationError', 'too_many_datasources'],
    ['busy', 'It is being deleted.', 409, 'AbloValidationError', 'datasource_busy'],
    ['not_found', 'No.', 404, 'AbloValidationError', 'entity_not_found'],
  ])('gives the refusal %s its documented form', async (refusal, message, status, type, code) => {
    refuse(refusal, message);
    const refused = await errorOf(await system.send('POST', `${PATH}/dse_1/verify`));
    expect(refused).toMatchObject({ status, type, code });
    expect('param' in refused).toBe(message.startsWith('endpoint: '));
  });

  it('gives what fails before a route is reached the same form', async () => {
    const raw = (init: { method?: string; body: string; headers?: Record<string, string> }): Promise<Response> =>
      fetch(`${system.baseUrl}${PATH}`, {
        method: 'POST',
        ...init,
        headers: { 'x-api-key': system.adminKey, 'content-type': 'application/json', ...init.headers },
      });
    const [member, publishable, status] = await Promise.all([
      newKey({ role: 'member' }),
      newKey({ role: 'member', kind: 'publishable' }),
      newKey({ scopes: ['status:read'] }),
    ]);
    const cases: [Promise<Response>, number, string, string][] = [
      [system.get(PATH, {}), 401, 'AbloAuthenticationError', 'apikey_missing'],
      [system.get(PATH, { authorization: 'Bearer x' }), 401, 'AbloAuthenticationError', 'apikey_invalid'],
      [raw({ body: '{}', headers: { 'x-api-key': member } }), 403, 'AbloPermissionError', 'forbidden'],
      [raw({ body: '{}', headers: { 'x-api-key': publishable } }), 403, 'AbloPermissionError', 'forbidden'],
      [system.get(PATH, { 'x-api-key': status }), 403, 'AbloPermissionError', 'capability_scope_denied'],
      [system.get(`${PATH}/a/b/c`), 404, 'AbloValidationError', 'entity_not_found'],
      [raw({ method: 'PUT', body: '{}' }), 405, 'AbloValidationError', 'method_not_allowed'],
      [raw({ body: '{' }), 400, 'AbloValidationError', 'invalid_json'],
      [
        raw({ body: 'a=b', headers: { 'content-type': 'text/plain' } }),
        415,
        'AbloValidationError',
        'unsupported_media_type',
      ],
      [raw({ body: JSON.stringify('x'.repeat(3_000_000)) }), 413, 'AbloValidationError', 'request_too_large'],
    ];
    for (const [sent, code, type, name] of cases)
      expect(await errorOf(await sent)).toMatchObject({ status: code, type, code: name });
    expect((await system.get(PATH, { 'x-api-key': publishable })).status).toBe(200);
    expect(owner.asked).toEqual([]);
  });

  it('lets a token of a secret admin key write, in the mode of the key', async () => {
    const key = await newKey({ mode: 'test' });
    const issued = await system.send('POST', '/v1/tokens', { ttl_seconds: 600 }, key);
    const { token } = (await issued.json()) as { token: string };
    answerWith(async () => ({ seq: null, datasource: endpointEntry() }));
    const response = await system.send('PATCH', `${PATH}/${endpointEntry().id}`, { paused: true }, token);
    expect([response.status, owner.asked[0]!.mode]).toEqual([200, 'test']);
  });

  it('passes on what is asked for, and answers when it is visible here', async () => {
    await show(endpointEntry());
    const { id } = endpointEntry();
    const next = endpointEntry({ version: 2, paused: true, metadata: { a: 'b' } });
    answerWith(async () => ({ seq: await owner.show(next), datasource: next }));
    const body = { paused: true, metadata: { a: 'b' } };
    expect(await (await system.send('PATCH', `${PATH}/${id}`, body)).json()).toMatchObject({ metadata: { a: 'b' } });
    expect(await (await system.get(`${PATH}/${id}`)).json()).toMatchObject({ metadata: { a: 'b' } });
    expect((await system.send('POST', `${PATH}/${id}/rotate_key`, { signingKey: 'canary-2' })).status).toBe(200);
    expect((await system.send('POST', `${PATH}/${id}/verify`)).status).toBe(200);
    expect((await system.send('POST', `${PATH}/${id}/resync`)).status).toBe(202);
    expect(owner.asked.map(({ type, content, id: of }) => [type, content, of])).toEqual([
      [types.patch, body, id],
      [types.rotateKey, { signingKey: 'canary-2' }, id],
      [types.verify, undefined, id],
      [types.resync, undefined, id],
    ]);
  });

  it('deletes, and says what is left at the source', async () => {
    await show(directEntry());
    const { id } = directEntry();
    const left_behind = {
      reason: 'The publication is yours.',
      remove_with: ['DROP PUBLICATION signalbox_publication'],
    };
    answerWith(async () => ({ seq: await owner.remove(id), datasource: directEntry(), left_behind }));
    const answer = await system.send('DELETE', `${PATH}/${id}`);
    expect(await answer.json()).toEqual({ object: 'datasource_disconnected', id, deleted: true, left_behind });
    expect((await system.get(`${PATH}/${id}`)).status).toBe(404);
  });

  it('shows the attempts, which are asked for', async () => {
    const attempt = { id: 7, at: 1_795_262_400_900, kind: 'poll', outcome: 'failed', duration_ms: 12, published: 0 };
    owner.answer = () => ({ attempts: [{ ...attempt, error: { code: 'http_500', message: 'It answered 500.' } }] });
    expect(await (await system.get(`${PATH}/dse_1/attempts`)).json()).toEqual({
      object: 'list',
      data: [
        {
          object: 'datasource_attempt',
          ...attempt,
          at: 1_795_262_400,
          error: { code: 'http_500', message: 'It answered 500.' },
        },
      ],
    });
    expect(owner.asked).toMatchObject([{ type: types.attempts, id: 'dse_1', account: 'operators' }]);
  });

  it('shows the setup, the work and the freshness of a datasource, each by itself', async () => {
    await show(directEntry({ stuck: { since: 1_795_262_000_000, evidence: 'The slot does not move.' } }));
    const detail = await (await system.get(`${PATH}/${directEntry().id}/detail`)).json();
    expect(detail).toMatchObject({
      object: 'datasource_detail',
      stale: false,
      setup: { state: 'verified', checked_at: 1_795_262_401 },
      sync: { state: 'streaming', error: null },
      freshness: { newest_change_at: 1_795_262_460, age_seconds: expect.any(Number) as number },
      position: { slot: directEntry().position!.slot, retained_wal_bytes: 16_777_216 },
      stuck: { since: 1_795_262_000, evidence: 'The slot does not move.' },
      retry_count: 0,
      endpoint: null,
    });
  });

  it('degrades its component where one is rejected, and names neither it nor its account to others', async () => {
    const failures = [{ item: 'wal_level', actual: 'replica', fix: 'Set wal_level to logical.' }];
    await show(directEntry({ status: 'rejected', setup: { ...directEntry().setup, state: 'incomplete', failures } }));
    const explained = await eventually(async () => {
      const text = await (await system.get('/v1/status/explain', { 'x-api-key': stranger })).text();
      return text.includes('datasources.rejected') && text;
    });
    expect(explained).toContain('1 of 1 datasources is rejected: wal_level.');
    for (const secret of [directEntry().id, 'operators', 'db.example.com']) expect(explained).not.toContain(secret);
  });

  it('goes on from memory without its owner, says so, and changes nothing', async () => {
    expect(await errorOf(beforeAny)).toMatchObject({ status: 503, type: 'AbloConnectionError', code: 'not_ready' });
    await show(directEntry());
    const url = `${PATH}/${directEntry().id}`;
    isOwnerClosed = true;
    await owner.close();
    await eventually(async () => {
      const detail = (await (await system.get(`${url}/detail`)).json()) as { stale: boolean };
      return detail.stale;
    });
    expect((await system.get(url)).status).toBe(200);
    expect((await system.get(PATH)).status).toBe(200);
    const refused = await errorOf(await system.send('DELETE', url));
    expect(refused).toMatchObject({ status: 503, type: 'AbloConnectionError', code: 'not_serving' });
  });
});
