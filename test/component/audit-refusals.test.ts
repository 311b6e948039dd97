import { randomUUID } from 'node:crypto';
import { askedBy, AUDIT_COMMAND, auditOf, auditQueue, exchanges } from '@signalbox/contracts/messages';
import { eventually } from '@signalbox/testing';
import { connect } from 'amqplib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitedKey } from '../support/accounts.js';
import { Pipelined, type Answered, type Sent } from '../support/pipelined.js';
import { ServiceInProcess } from '../support/service-in-process.js';
import { System, type SystemInProcess } from '../support/system.js';

interface Entry {
  number: number;
  key_id: string | null;
  address: string;
  request_id: string;
  resource: string;
  route: string | null;
  result: string;
  detail: { code: string; count: number };
}

interface Created {
  id: string;
  key: string;
}

const TIER = { requests_per_hour: 1_000, burst_per_second: 1 };
const REQUESTS = 10_000;
const CONNECTIONS = 10;
const AT_ONCE = 30;
/** They are held back for a second or two, so that guessing is slow. */
const GUESSES = 100;

/** Refused requests, from a flood of them to their entries, while the journal is down, and more than one journal. */
describe('the audit trail of what is refused', () => {
  let system: SystemInProcess;
  let limited: Created;
  const secrets: string[] = [];
  const journals: ServiceInProcess[] = [];

  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway({ SIGNALBOX_DRAIN_MS: '0' });
    secrets.push(system.adminKey);
    // It refuses writes until it has reached the store of its counters.
    await eventually(async () => (await system.send('PUT', '/v1/tiers/first', TIER)).ok);
  });
  afterAll(async () => {
    await Promise.all(journals.map((journal) => journal.stop()));
    await system?.close();
  });

  async function made(path: string, body: object): Promise<Created> {
    const response = await system.send('POST', path, body);
    const text = await response.text();
    expect([path, response.status, text]).toEqual([path, 201, text]);
    const created = JSON.parse(text) as Created;
    secrets.push(created.key);
    return created;
  }
  const startJournal = async (): Promise<ServiceInProcess> => {
    const journal = new ServiceInProcess('journal', system.environment);
    journals.push(journal);
    await journal.ready;
    return journal;
  };
  const entriesOf = async (query: string): Promise<Entry[]> => {
    const response = await system.get(`/v1/audit?limit=1000&${query}`);
    expect(response.status).toBe(200);
    return ((await response.json()) as { data: Entry[] }).data;
  };
  /** How often each code was recorded. */
  function recorded(entries: readonly Pick<Entry, 'detail'>[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { detail } of entries) counts[detail.code] = (counts[detail.code] ?? 0) + detail.count;
    return counts;
  }
  async function query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Each is refused for another reason. */
  async function kinds(): Promise<Sent[]> {
    const account = 'operators';
    limited = await limitedKey(system, { tier: 'calm', hour: 100_000, burst: 1, role: 'member' });
    secrets.push(limited.key);
    const member = await made('/v1/keys', { name: 'member', account });
    const scoped = await made('/v1/keys', { name: 'scoped', account, scopes: ['registry:read'] });
    const elsewhere = await made('/v1/keys', { name: 'elsewhere', account, networks: ['10.0.0.0/8'] });
    const path = '/v1/dataplanes';
    return [
      { method: 'GET', path: '/v1/keys', key: member.key },
      { method: 'DELETE', path: '/v1/keys/key_1', key: member.key },
      { method: 'GET', path, key: scoped.key },
      { method: 'GET', path, key: elsewhere.key },
      { method: 'GET', path: '/v1/session', key: limited.key },
      { method: 'GET', path },
      { method: 'POST', path: '/v1/keys/key_1/there-is-no-such-route' },
    ];
  }

  it('has each of 10,000 refused requests, with how often, though the journal is down', async () => {
    const refused = await kinds();
    const observed: Record<string, number> = {};
    let others = 0;
    const count = ({ status, code = '' }: Answered): void => {
      if ([401, 403, 429].includes(status)) observed[code] = (observed[code] ?? 0) + 1;
      else others += 1;
    };
    const guess = async (): Promise<void> => {
      const headers = { 'x-api-key': `${system.adminKey.slice(0, -1)}!` };
      const response = await fetch(`${system.baseUrl}/v1/dataplanes`, { headers });
      count({ status: response.status, code: ((await response.json()) as { code: string }).code });
    };
    let left = REQUESTS - GUESSES;
    const flood = async (): Promise<void> => {
      const connection = await Pipelined.open(system.baseUrl);
      while (left > 0) {
        const batch = Array.from({ length: Math.min(left, AT_ONCE) }, (_, at) => refused[at % refused.length]!);
        left -= batch.length;
        for (const answered of await connection.send(batch)) count(answered);
      }
      connection.close();
    };
    await Promise.all([...Array.from({ length: GUESSES }, guess), ...Array.from({ length: CONNECTIONS }, flood)]);
    expect(Object.keys(observed).toSorted()).toEqual([
      'api_key_invalid',
      'api_key_missing',
      'insufficient_role',
      'insufficient_scope',
      'network_not_allowed',
      'rate_limit_error',
      'too_many_guesses',
    ]);
    expect(Object.values(observed).reduce((sum, times) => sum + times, others)).toBe(REQUESTS);

    await system.service('gateway').stop();
    const kept = await query<{ detail: Entry['detail'] }>(
      `SELECT changes->'detail' AS detail FROM gateway.outbox WHERE stream = 'audit' AND changes->>'result' = 'refused'`,
    );
    expect(recorded(kept)).toEqual(observed);

    await Promise.all([startJournal(), startJournal()]);
    await system.startGateway({ SIGNALBOX_DRAIN_MS: '0' });
    const shown = await eventually(async () => {
      const entries = await entriesOf('result=refused');
      return entries.length >= kept.length && entries;
    });
    expect(recorded(shown)).toEqual(observed);
    const all = await entriesOf('');
    expect(all.map(({ number }) => number)).toEqual(all.map((_, at) => all.length - at));
    expect(secrets.filter((secret) => JSON.stringify(all).includes(secret))).toEqual([]);
    expect(all.filter(({ request_id }) => request_id === '')).toEqual([]);
  }, 300_000);

  it('is found by key, route, result and address', async () => {
    const byKey = await entriesOf(`key=${limited.id}&result=refused`);
    expect(byKey).toMatchObject([{ key_id: limited.id, resource: 'GET /v1/session', address: '127.0.0.1' }]);
    const byRoute = await entriesOf('route=/v1/keys/:id&result=refused');
    expect(byRoute).toMatchObject([{ resource: 'DELETE /v1/keys/:id', detail: { code: 'insufficient_role' } }]);
    const keyless = (await entriesOf('address=127.0.0.1&action=refused-requests')).filter(
      ({ key_id }) => key_id === null,
    );
    expect(new Set(keyless.map(({ route }) => route))).toEqual(new Set(['/v1/dataplanes', '(none)', '(refused)']));
    expect(await entriesOf('address=10.0.0.1')).toEqual([]);
  });

  it('has each entry once, in order, over redeliveries and the end of a journal', async () => {
    const [{ number: before } = { number: 0 }] = await entriesOf('');
    const by = askedBy.parse({ key_id: 'key_test', request_id: '', address: '::1' });
    const entries = Array.from({ length: 300 }, (_, at) =>
      auditOf({ ...by, request_id: randomUUID() }, { at, action: 'test-order', resource: String(at) }),
    );
    const connection = await connect(system.broker.url);
    const channel = await connection.createConfirmChannel();
    const publish = (entry: (typeof entries)[number]): boolean =>
      channel.publish(exchanges.audit.name, AUDIT_COMMAND, Buffer.from(JSON.stringify(entry)), {
        type: AUDIT_COMMAND,
        contentType: 'application/json',
        persistent: true,
      });
    // Each is published twice, as by a relay that did not see the confirmation.
    for (const entry of entries.flatMap((each) => [each, each])) publish(entry);
    await channel.waitForConfirms();
    await connection.close();
    await eventually(async () => (await entriesOf('action=test-order')).length > 20);
    // One of the two is active; whichever it is, the other takes over.
    await journals.shift()!.stop();
    await eventually(async () => (await entriesOf('action=test-order')).length >= entries.length, {
      timeoutMs: 60_000,
    });
    await eventually(async () => (await system.broker.messageCount(auditQueue.name)) === 0);
    const all = (await entriesOf('action=test-order')).toReversed();
    expect(all.map(({ resource }) => resource)).toEqual(entries.map(({ resource }) => resource));
    expect(all.map(({ number }) => number)).toEqual(entries.map((_, at) => before + 1 + at));
  }, 120_000);
});
