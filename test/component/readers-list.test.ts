import type { ReaderPage } from '@signalbox/contracts/http';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiDocument } from '../support/api-document.js';
import { beat, BeatPublisher } from '../support/beating.js';
import { System, type SystemInProcess } from '../support/system.js';

const KEYLESS = { SIGNALBOX_KEYLESS_MANAGEMENT: 'true' };
const long = { heartbeat_wait_interval: 3_600 };

describe('the lists of readers', () => {
  let system: SystemInProcess;
  let api: ApiDocument;
  let member: string;

  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([
      system.startReaderHeartbeat({ SIGNALBOX_MISSED_BEATS: '1', SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '0' }),
      system.startGateway(KEYLESS),
    ]);
    const readers = await BeatPublisher.open(system.broker.url);
    const pool = Array.from({ length: 24 }, (_, index) =>
      beat(`pool/${index}`, { ...long, consumer_groups: index % 2 === 0 ? ['even', 'all'] : ['all'] }),
    );
    await readers.send([
      ...pool,
      beat('Embedder', {
        ...long,
        state: 'loading',
        backend: 'onnx',
        model_name: 'bge',
        model_type: 'embedding',
        device: 'cpu',
      }),
      beat('__proto__', { ...long, consumer_groups: ['__proto__'] }),
      beat('quiet', { heartbeat_wait_interval: 1, consumer_groups: ['even'] }),
    ]);
    await readers.close();
    await eventually(async () => (await system.mapOf('quiet')) === 'dead');
    api = new ApiDocument((await (await system.get('/openapi.json')).json()) as object);
    const made = await system.send('POST', '/v1/keys', { name: 'm', role: 'member', account: 'operators' });
    ({ key: member } = (await made.json()) as { key: string });
  });
  afterAll(() => system?.close());

  /** The body of an answer that is as the document describes it. */
  async function conforming<Body>(path: string, headers: Record<string, string>): Promise<Body> {
    const response = await system.get(path, headers);
    const body = (await response.json()) as Body;
    const { responses } = api.operations.find((each) => each.method === 'GET' && each.path === path.split('?', 1)[0])!;
    const { schema } =
      responses[String(response.status)]!.content![response.headers.get('content-type')!.split(';')[0]!]!;
    expect([response.status, body, api.problems(schema, body)]).toEqual([200, body, []]);
    return body;
  }
  const list = (query: string): Promise<ReaderPage> => conforming(`/v1/readers?${query}`, { 'x-api-key': member });
  const ids = ({ data }: ReaderPage): string[] => data.map(({ reader_id }) => reader_id);

  it('show each reader once over all pages, in the order that is asked for', async () => {
    for (const sort of ['reader_id', '-reader_id', 'since', '-last_heartbeat_at']) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: ReaderPage = await list(`sort=${sort}&limit=10&${cursor && `cursor=${cursor}`}`);
        expect(page.total).toBe(27);
        seen.push(...ids(page));
        cursor = page.next_cursor;
      }
      expect([sort, new Set(seen).size, seen.length]).toEqual([sort, 27, 27]);
      const sorted = { reader_id: seen.toSorted(), '-reader_id': seen.toSorted().toReversed() }[sort];
      expect(seen).toEqual(sorted ?? seen);
    }
  });

  it.each([
    ['state=dead', ['quiet']],
    ['state=loading,dead', ['Embedder', 'quiet']],
    ['model=bge', ['Embedder']],
    ['type=embedding&device=cpu', ['Embedder']],
    ['search=EMBED', ['Embedder']],
    ['search=BGE', ['Embedder']],
    ['group=__proto__', ['__proto__']],
    ['group=even&state=dead', ['quiet']],
    ['flapping=true', []],
    ['flapping=false&search=pool/1&limit=3', ['pool/1', 'pool/10', 'pool/11']],
    ['group=none', []],
  ])('show with ?%s the readers that it lets through', async (query, expected) => {
    expect(ids(await list(query))).toEqual(expected);
  });

  it('count for each filter what the others let through', async () => {
    const { total, counts } = await list('state=live&group=even&limit=1');
    expect(total).toBe(12);
    expect(counts.state).toEqual({ loading: 0, live: 12, dead: 1 });
    expect(counts.group.values).toEqual([
      { value: 'all', readers: 24 },
      { value: 'even', readers: 12 },
      { value: '__proto__', readers: 1 },
    ]);
    expect(counts.model).toEqual({ values: [{ value: 'llama-3-70b', readers: 12 }], others: 0 });
    expect(counts.flapping).toBe(0);
  });

  it.each([
    'state=gone',
    'limit=0',
    'limit=1001',
    'sort=name',
    'flapping=maybe',
    'cursor=x',
    'sort=since&cursor=WyJyZWFkZXJfaWQiLCJhIiwiYSJd',
  ])('refuse ?%s', async (query) => {
    const answer = await system.get(`/v1/readers?${query}`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'invalid_request']);
  });

  it('refuse a parameter that there is not, and name those that there are', async () => {
    for (const path of ['/v1/readers', '/v1/audit', '/v1/restarts']) {
      const answer = await system.get(`${path}?staet=dead&limit=1`);
      const { code, detail } = (await answer.json()) as { code: string; detail: string };
      expect([path, answer.status, code, detail]).toEqual([
        path,
        400,
        'invalid_request',
        expect.stringMatching(/no parameter staet\. There are: .*limit/),
      ]);
    }
  });

  it('show by group, with a key and on the keyless port, the readers that are not dead', async () => {
    const groups = await conforming<Record<string, object[]>>('/reader_groups', { 'x-api-key': system.adminKey });
    expect(Object.keys(groups).toSorted()).toEqual(['__proto__', 'all', 'even', 'primary']);
    expect([groups['all']!.length, groups['even']!.length]).toEqual([24, 12]);
    expect(groups['primary']).toEqual([
      {
        reader_id: 'Embedder',
        backend: 'onnx',
        model_name: 'bge',
        model_type: 'embedding',
        pids: [4121, 4122],
        ready: false,
      },
    ]);
    const keyless = await fetch(`http://127.0.0.1:${system.managementPort}/reader_groups`);
    expect([keyless.status, await keyless.json()]).toEqual([200, groups]);
  });

  it('show to clients of inference live and dead readers, without what only operators see', async () => {
    const { live_readers: live, dead_readers: dead } = await conforming<Record<string, Record<string, object>>>(
      '/inference/status',
      { 'x-api-key': member },
    );
    expect(Object.keys(dead!)).toEqual(['quiet']);
    expect([Object.keys(live!).length, Object.hasOwn(live!, '__proto__'), live!['Embedder']]).toEqual([
      25,
      true,
      undefined,
    ]);
    expect(dead!['quiet']).toEqual({
      consumer_groups: ['even'],
      device: 'cuda',
      model_name: 'llama-3-70b',
      model_type: 'chat',
      loras: null,
    });
  });

  it('are sent compressed by group to a client that takes it', async () => {
    const many = Array.from({ length: 200 }, (_, index) => beat(`packed/${index}`, long));
    const readers = await BeatPublisher.open(system.broker.url);
    await readers.send(many);
    await readers.close();
    await eventually(async () => (await list('search=packed')).total === many.length);
    const answer = await system.get('/reader_groups', { 'x-api-key': system.adminKey, 'accept-encoding': 'gzip' });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    const groups = (await answer.json()) as Record<string, object[]>;
    expect(groups['primary']).toHaveLength(many.length + 1);
  });

  it('are not sent again by group, and to clients of inference, to a client that has them', async () => {
    for (const path of ['/reader_groups', '/inference/status']) {
      const headers = { 'x-api-key': system.adminKey };
      const etag = (await system.get(path, headers)).headers.get('etag')!;
      const again = await system.get(path, { ...headers, 'if-none-match': etag });
      expect([path, again.status, await again.text()]).toEqual([path, 304, '']);
    }
    const keyless = `http://127.0.0.1:${system.managementPort}/reader_groups`;
    const etag = (await fetch(keyless)).headers.get('etag')!;
    expect((await fetch(keyless, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });
});
