import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiDocument } from '../support/api-document.js';
import { beat, BeatPublisher } from '../support/beating.js';
import { System, type SystemInProcess } from '../support/system.js';

const KEPT = 5;
const settings = {
  SIGNALBOX_MISSED_BEATS: '1',
  SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '0',
  SIGNALBOX_READER_HISTORY_ENTRIES: String(KEPT),
};

interface Details {
  state: string;
  reason: string;
  note: string | null;
  boot_id: string | null;
  seq: number | null;
  clock_skew_ms: number | null;
  ends_at: number | null;
  last_heartbeats: { received_at: number; sent_at: number | null }[] | null;
  transitions: { from: string | null; to: string | null; why: string; silent_ms: number | null; at: number }[] | null;
}

describe('the details of a reader', () => {
  let system: SystemInProcess;
  let readers: BeatPublisher;
  let member: string;
  let database: pg.Client;

  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([system.startReaderHeartbeat(settings), system.startGateway()]);
    readers = await BeatPublisher.open(system.broker.url);
    database = new pg.Client({ connectionString: system.database.url });
    await database.connect();
    const made = await system.send('POST', '/v1/keys', { name: 'member', role: 'member' });
    ({ key: member } = (await made.json()) as { key: string });
  });
  afterAll(async () => {
    await database?.end();
    await readers?.close();
    await system?.close();
  });

  const show = (id: string, key = member): Promise<Response> =>
    system.get(`/v1/readers/${encodeURIComponent(id)}`, { 'x-api-key': key });
  const details = async (id: string): Promise<Details> => {
    const answer = await show(id);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Details;
  };
  const steps = async (id: string): Promise<string[]> =>
    ((await details(id)).transitions ?? []).map(({ from, to, why }) => `${from} ${to} ${why}`);
  const comesInto = (map: string | undefined, id: string) => eventually(async () => (await system.mapOf(id)) === map);
  const rowsOf = async (id: string): Promise<number> => {
    const query = 'SELECT FROM reader_heartbeat.reader_transition WHERE reader_id = $1';
    return (await database.query(query, [id])).rowCount ?? 0;
  };

  it('are shown to members as documented: history, skew, incarnation, last heartbeats, and why it is in its state', async () => {
    const sent = (seq: number, over = {}) =>
      readers.send(
        beat('pool/a:0', {
          boot_id: 'boot-a',
          seq,
          sent_at: Date.now() + 60_000,
          heartbeat_wait_interval: 3_600,
          backend: 'vllm',
          config: { max_batch_size: 7 },
          ...over,
        }),
      );
    await sent(1, { state: 'loading' });
    await comesInto('loading', 'pool/a:0');
    await sent(2);
    await comesInto('live', 'pool/a:0');
    const [body] = await eventually(async () => {
      const shown = await details('pool/a:0');
      return shown.transitions?.length === 2 && [shown];
    });
    expect(body).toMatchObject({
      reader_id: 'pool/a:0',
      state: 'live',
      reason: expect.stringMatching(/^The last heartbeat came \d+ s ago; one is due each 3600 s\.$/) as string,
      boot_id: 'boot-a',
      seq: 2,
      backend: 'vllm',
      missed_beats: 1,
      last_heartbeats: [{ sent_at: expect.any(Number) as number }, { sent_at: expect.any(Number) as number }],
      transitions: [
        { from: 'loading', to: 'live', why: 'state_reported' },
        { from: null, to: 'loading', why: 'first_heartbeat', silent_ms: null, boot_id: 'boot-a' },
      ],
      note: null,
    });
    expect(Math.abs(body!.clock_skew_ms! - 60_000)).toBeLessThan(30_000);
    expect(body!.ends_at! - Date.now()).toBeGreaterThan(3_000_000);
    const text = JSON.stringify(body);
    for (const hidden of ['4121', 'pids', 'max_batch_size']) expect(text).not.toContain(hidden);
    const document = new ApiDocument((await (await system.get('/openapi.json')).json()) as object);
    const { responses } = document.operations.find(({ operationId }) => operationId === 'showReader')!;
    const { schema } = responses['200']!.content!['application/json']!;
    expect([schema, document.problems(schema, body)]).toEqual([{ $ref: '#/components/schemas/ReaderDetails' }, []]);
  });

  it('are found with slashes of the id as they are, too', async () => {
    await readers.send(beat('pool/b:0', { heartbeat_wait_interval: 3_600 }));
    await comesInto('live', 'pool/b:0');
    const answer = await system.get('/v1/readers/pool/b:0', { 'x-api-key': member });
    expect([answer.status, await answer.json()]).toMatchObject([200, { reader_id: 'pool/b:0' }]);
  });

  it('have each death, return, incarnation, deregistration and removal in their history', async () => {
    const short = { heartbeat_wait_interval: 1 };
    await readers.send(beat('mortal', { ...short, boot_id: 'x' }));
    await comesInto('dead', 'mortal');
    const dead = await details('mortal');
    expect(dead.reason).toMatch(/^No heartbeat for \d+ s; \d+ (was|were) due, one each 1 s\.$/);
    await eventually(async () => (await steps('mortal'))[0] === 'live dead missed_heartbeats');
    await readers.send(beat('mortal', { ...short, boot_id: 'x', heartbeat_wait_interval: 3_600 }));
    await comesInto('live', 'mortal');
    await readers.send(beat('mortal', { boot_id: 'y', ...short }));
    await comesInto('dead', 'mortal');
    expect((await system.send('DELETE', '/v1/readers/mortal')).status).toBe(204);
    expect((await show('mortal')).status).toBe(404);
    await readers.send(beat('mortal', { boot_id: 'z', heartbeat_wait_interval: 3_600 }));
    await comesInto('live', 'mortal');
    await eventually(async () => (await steps('mortal'))[0] === 'null live first_heartbeat');
    expect(await steps('mortal').then((all) => all.slice(0, KEPT))).toEqual([
      'null live first_heartbeat',
      'dead null forgotten_on_request',
      'live dead missed_heartbeats',
      'live live next_incarnation',
      'dead live heartbeat_after_silence',
    ]);
    await readers.send(beat('mortal', { boot_id: 'z', state: 'stopping' }));
    await comesInto(undefined, 'mortal');
    await readers.send(beat('mortal', { boot_id: 'w' }));
    await comesInto('live', 'mortal');
    await eventually(async () => (await steps('mortal'))[1] === 'live deregistered deregistered');
  });

  it('have a history that does not grow with a reader that flaps', async () => {
    for (let i = 0; i < 100; i++) await readers.send(beat('flapping', { state: i % 2 === 0 ? 'loading' : 'ready' }));
    await comesInto('live', 'flapping');
    await eventually(async () => (await rowsOf('flapping')) === KEPT, { timeoutMs: 30_000 });
    expect((await steps('flapping'))[0]).toBe('loading live state_reported');
    expect((await details('flapping')).reason).toContain('flapping');
  });

  it('have the first step of each reader, also where thousands come at once', async () => {
    const many = Array.from({ length: 2_500 }, (_, at) => beat(`many-${at}`, { heartbeat_wait_interval: 3_600 }));
    await readers.send(many);
    await eventually(async () => {
      const query = "SELECT FROM reader_heartbeat.reader_transition WHERE reader_id LIKE 'many-%'";
      return (await database.query(query)).rowCount === many.length;
    });
    expect(await steps('many-2499')).toEqual(['null live first_heartbeat']);
  });

  it('are not found of an unknown reader', async () => {
    for (const id of ['never-seen', '__proto__', 'x'.repeat(300)]) expect((await show(id)).status).toBe(404);
  });

  it('are what the gateway has where reader-heartbeat does not answer, with a note', async () => {
    await system.service('reader-heartbeat').stop();
    expect(await details('pool/a:0')).toMatchObject({
      state: 'live',
      boot_id: 'boot-a',
      backend: 'vllm',
      missed_beats: 1,
      seq: null,
      clock_skew_ms: null,
      transitions: null,
      last_heartbeats: null,
      note: expect.stringMatching(/^reader-heartbeat does not answer/) as string,
    });
  });

  it('keep their history across a restart, without what is too old', async () => {
    const before = await rowsOf('pool/a:0');
    await database.query(
      "UPDATE reader_heartbeat.reader_transition SET at = at - interval '31 days' WHERE reader_id = 'flapping'",
    );
    await system.startReaderHeartbeat(settings);
    await readers.send(beat('witness'));
    await comesInto('live', 'witness');
    await eventually(async () => (await rowsOf('flapping')) === 0);
    expect([before, await steps('pool/a:0')]).toEqual([
      2,
      ['loading live state_reported', 'null loading first_heartbeat'],
    ]);
  });
});
