import { exchanges, partitionKey } from '@signalbox/contracts/messages';
import { eventually } from '@signalbox/testing';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { ServiceInProcess } from '../support/service-in-process.js';
import { System, type ReaderStatus, type SystemInProcess } from '../support/system.js';

/** A reader that is dead a second after its only heartbeat. */
const short = (readerId: string) => beat(readerId, { heartbeat_wait_interval: 1 });
const quick = { SIGNALBOX_MISSED_BEATS: '1', SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '0' };

describe('readers', () => {
  let system: SystemInProcess;
  let other: ServiceInProcess;
  let readers: BeatPublisher;
  let otherUrl: string;

  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([system.startReaderHeartbeat(quick), system.start('journal').ready, system.startGateway()]);
    other = new ServiceInProcess('gateway', system.gatewayEnvironment());
    otherUrl = `http://127.0.0.1:${(await other.ready).port}`;
    readers = await BeatPublisher.open(system.broker.url);
    await readers.send(beat('lively', { heartbeat_wait_interval: 3_600 }));
    await eventually(async () => (await system.mapOf('lively')) === 'live');
  });
  afterAll(async () => {
    await readers?.close();
    await other?.stop();
    await system.close();
  });

  const forget = (readerId: string): Promise<Response> =>
    system.send('DELETE', `/v1/readers/${encodeURIComponent(readerId)}`);
  const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: string }).code;
  const otherShows = async (readerId: string): Promise<boolean> => {
    const answer = await fetch(`${otherUrl}/status`, { headers: { 'x-api-key': system.adminKey } });
    return Object.hasOwn(((await answer.json()) as ReaderStatus).status?.dead_readers ?? {}, readerId);
  };
  const dies = async (readerId: string): Promise<void> => {
    await readers.send(short(readerId));
    await eventually(async () => (await system.mapOf(readerId)) === 'dead');
  };

  it('are forgotten once they are dead: on all gateways, again without an effect, and across a restart', async () => {
    await dies('pool/llama:0');
    await eventually(() => otherShows('pool/llama:0'));
    const answer = await forget('pool/llama:0');
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(await system.mapOf('pool/llama:0')).toBeUndefined();
    await eventually(async () => !(await otherShows('pool/llama:0')));
    expect((await forget('pool/llama:0')).status).toBe(204);
    const audited = await eventually(async () => {
      const answer = await system.get('/v1/audit?action=forget-reader');
      const { data } = (await answer.json()) as { data?: object[] };
      return data !== undefined && data.length > 0 && data;
    });
    expect(audited).toEqual([expect.objectContaining({ resource: 'pool/llama:0', result: 'done', role: 'admin' })]);

    await system.service('reader-heartbeat').stop();
    await system.startReaderHeartbeat(quick);
    await dies('witness');
    expect(await system.mapOf('pool/llama:0')).toBeUndefined();
    expect(await system.mapOf('lively')).toBe('live');
  });

  it('are shown again when they publish heartbeats again', async () => {
    await dies('returning');
    expect((await forget('returning')).status).toBe(204);
    await readers.send(beat('returning'));
    await eventually(async () => (await system.mapOf('returning')) === 'live');
  });

  it('are not forgotten while they are live, and the answer names the way out', async () => {
    const answer = await forget('lively');
    expect([answer.status, await answer.json()]).toEqual([
      409,
      expect.objectContaining({
        code: 'reader_not_dead',
        detail: expect.stringMatching(/^The reader lively is live: its last heartbeat was received \d+ s ago\.$/),
        suggestion: expect.stringContaining('`stopping`'),
      }),
    ]);
    expect(await system.mapOf('lively')).toBe('live');
  });

  it.each(['never-seen', '%00', 'x'.repeat(900), '__proto__'])('that are unknown are not found: %j', async (id) => {
    const answer = await forget(id);
    expect([answer.status, await codeOf(answer)]).toEqual([404, 'reader_not_found']);
  });

  it('are forgotten by admins only', async () => {
    const made = await system.send('POST', '/v1/keys', { name: 'manager', role: 'manager' });
    const { key } = (await made.json()) as { key: string };
    const answer = await system.send('DELETE', '/v1/readers/lively', undefined, key);
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'insufficient_role']);
  });

  it.each(['wait=0', 'wait=0s', 'wait=0.2', 'wait=0.2s'])('are waited for as /healthz?%s asks', async (query) => {
    const answer = await system.get(`/healthz?state=loading&${query}`, {});
    expect([200, 503]).toContain(answer.status);
  });

  it.each(['wait=1m', 'wait=', 'wait=61', 'wait=-1', 'wait=1&wait=2'])('are not waited for with ?%s', async (query) => {
    const answer = await system.get(`/healthz?${query}`, {});
    expect([answer.status, await codeOf(answer)]).toEqual([400, 'invalid_request']);
  });

  it('are not forgotten while reader-heartbeat is down', async () => {
    await dies('late');
    await system.service('reader-heartbeat').stop();
    const answer = await forget('late');
    expect([answer.status, await codeOf(answer)]).toEqual([503, 'not_sent']);
    expect(await system.mapOf('late')).toBe('dead');
  });

  it('are in the audit trail with an unknown outcome where reader-heartbeat took the request and did not answer', async () => {
    const silent = await connect(system.broker.url);
    try {
      const channel = await silent.createChannel();
      const { queue } = await channel.assertQueue('', { exclusive: true });
      await channel.bindQueue(queue, exchanges.requests.name, partitionKey(0));
      const answer = await forget('late');
      expect([answer.status, await codeOf(answer)]).toEqual([504, 'outcome_unknown']);
      const audited = await eventually(async () => {
        const answer = await system.get('/v1/audit?action=forget-reader&resource=late');
        const { data } = (await answer.json()) as { data?: object[] };
        return data !== undefined && data.length > 0 && data;
      });
      expect(audited).toEqual([expect.objectContaining({ result: 'unknown', role: 'admin' })]);
    } finally {
      await silent.close();
    }
  });
});
