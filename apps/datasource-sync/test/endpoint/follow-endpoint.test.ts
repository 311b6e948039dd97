import { datasourceChange } from '@signalbox/contracts/messages';
import { followerState } from '@signalbox/contracts/streams';
import { eventually } from '@signalbox/testing';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followEndpoint } from '../../src/endpoint/index.js';
import type { EndpointAssignment } from '../../src/work/assignment.js';
import type { Follower } from '../../src/work/follower.js';
import { EndpointServer, event, feed, json } from '../support/endpoint-server.js';
import { FakeHost } from '../support/fake-host.js';

const ID = 'dse_0123456789abcdefghijklmn';
const KEY = 'sk_live_schlüssel-of-the-endpoint';

let server: EndpointServer;
let host: FakeHost;
let follower: Follower | undefined;

beforeEach(async () => {
  server = await EndpointServer.start();
  host = new FakeHost();
});
afterEach(async () => {
  await follower?.stop();
  follower = undefined;
  await server.close();
});

const assignment = (more: Partial<EndpointAssignment> = {}): EndpointAssignment => ({
  id: ID,
  connection: 'endpoint',
  fence: 3,
  version: 1,
  livemode: false,
  targets: { allowLoopback: true, allowPrivate: false },
  task: 'follow',
  position: null,
  generation: 1,
  source: { url: server.url, signingKeys: [KEY] },
  pollIntervalMs: 100,
  ...more,
});

const follow = (more: Partial<EndpointAssignment> = {}): void => {
  follower = followEndpoint(assignment(more), host);
};
const drained = (): Promise<boolean> => eventually(() => host.state?.endpoint?.event_lag === 0);

describe('a polled endpoint', () => {
  it('gets signed requests: POST, the key as raw UTF-8 bytes, the fence, the cursor that it gave', async () => {
    server.answer = feed([[event('1')]]);
    follow();
    await eventually(() => server.requests.length >= 3);
    const [first, second] = server.requests;
    expect(first).toMatchObject({ method: 'POST', cursor: undefined });
    expect(JSON.parse(first!.body)).toEqual({ type: 'events', limit: 500 });
    expect(second?.cursor).toBe('1');
    expect(first?.headers['x-signalbox-fence']).toBe('3');
    for (const { body, headers } of server.requests) {
      const verifier = new Webhook(Buffer.from(KEY), { format: 'raw' });
      expect(verifier.verify(body, headers as Record<string, string>)).toMatchObject({ type: 'events' });
    }
    expect(new Set(server.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(server.requests.length);
  });

  it('can verify with either key while a former one is still valid', async () => {
    follow({ source: { url: server.url, signingKeys: ['new', 'former'] } });
    const { body, headers } = await eventually(() => server.requests[0]);
    for (const key of ['new', 'former']) {
      const verifier = new Webhook(Buffer.from(key), { format: 'raw' });
      expect(verifier.verify(body, headers as Record<string, string>)).toMatchObject({ type: 'events' });
    }
  });

  it('is asked for pages until one is empty; each event is published once, with the cursor of its page', async () => {
    server.answer = feed([
      [event('1'), event('2')],
      [event('3', { type: 'DELETE', data: null, occurredAt: 1_795_262_400_123 })],
    ]);
    follow();
    await drained();
    expect(host.ids).toEqual([`${ID}:1`, `${ID}:2`, `${ID}:3`]);
    expect(host.batches.map(({ position }) => (position as { cursor: string }).cursor)).toEqual(['1', '2']);
    const bodies = host.batches.flatMap(({ changes }) =>
      changes.map(({ body }) => datasourceChange.parse(JSON.parse(body))),
    );
    expect(bodies[0]).toMatchObject({
      op: 'insert',
      table: 'orders',
      key: { id: 'order-1' },
      after: { total: '19.90' },
    });
    expect(bodies[2]).toMatchObject({ op: 'delete', after: null, committed_at: '2026-11-21T12:00:00.123Z' });
    expect(host.batches[0]?.changes[0]?.key).toBe('events.orders.insert');
    expect(host.state).toMatchObject({
      sync: { state: 'polling', error: null },
      freshness: { newest_change_at: 1_795_262_400_123, unknown_because: null },
      stuck: null,
      endpoint: { cursor: '2', event_lag: 0 },
    });
    for (const each of host.reports) followerState.parse(each);
  });

  it('goes on at the stored cursor, and drops events that it knows: a last page without a cursor comes with each poll', async () => {
    server.answer = json({ events: [event('8'), event('9')] });
    follow({ position: { cursor: '7', recent: ['8'], newest_change_at: 5 } });
    await eventually(() => server.requests.length >= 3);
    expect(server.requests.map(({ cursor }) => cursor)).toEqual(server.requests.map(() => '7'));
    expect(host.ids).toEqual([`${ID}:9`]);
    expect(host.state).toMatchObject({ endpoint: { event_lag: 0, cursor: '7' }, stuck: null });
  });

  it('does not advance the cursor before the events are published, and publishes them after a failure', async () => {
    server.answer = feed([[event('1')], [event('2')]]);
    let refusals = 1;
    host.onPublish = () =>
      refusals-- > 0 ? Promise.reject(new Error('the broker is unavailable')) : Promise.resolve();
    follow();
    const failed = await eventually(() => host.reports.find(({ sync }) => sync.state === 'retrying'));
    expect(failed).toMatchObject({
      sync: { error: { code: 'not_published' } },
      endpoint: { cursor: null, event_lag: null },
    });
    await follower?.stop();
    follow();
    await drained();
    expect(host.ids).toEqual([`${ID}:1`, `${ID}:2`]);
  });

  it('has an unknown lag until a poll has reached the end of the feed', async () => {
    let next = 0;
    server.answer = (request, response, message) => {
      next += 1;
      json({ events: [event(String(next))], nextCursor: String(next) })(request, response, message);
    };
    follow();
    // A feed without an end is left after a hundred pages, until its next turn.
    await eventually(() => host.state?.endpoint?.last_success_at != null);
    expect(host.reports.every(({ endpoint }) => endpoint?.event_lag !== 0)).toBe(true);
    expect(host.state?.endpoint?.event_lag).toBeNull();
  });

  it('is stuck where events that are known come with the cursor that was sent', async () => {
    server.answer = json({ events: [event('1')], nextCursor: 'same' });
    follow();
    const { stuck } = await eventually(() => host.reports.find((each) => each.stuck !== null));
    expect(stuck?.evidence).toMatch(/last 3 polls brought no new event .* 1 events, all published before/);
    server.answer = json({ events: [event('2')], nextCursor: 'other' });
    await eventually(() => host.state?.stuck === null);
  });

  it('is stuck where its pages lead in a circle', async () => {
    server.answer = (request, response, message) => {
      const next = String((Number(request.cursor ?? 0) + 1) % 3);
      json({ events: [event(next)], nextCursor: next })(request, response, message);
    };
    follow();
    const { stuck, endpoint } = await eventually(() => host.reports.find((each) => each.stuck !== null));
    expect(stuck?.evidence).toMatch(/100 events, all published before/);
    expect(endpoint?.event_lag).toBeNull();
    expect(host.ids).toEqual([`${ID}:1`, `${ID}:2`, `${ID}:0`]);
  });

  it('repeats a request that failed with the same message id', async () => {
    let fails = true;
    server.answer = (request, response, message) => {
      if (fails) response.destroy();
      else json({ events: [] })(request, response, message);
      fails = false;
    };
    follow();
    const [first, second, third] = await eventually(() => server.requests.length >= 3 && server.requests);
    const idOf = (request: typeof first): unknown => request?.headers['webhook-id'];
    expect(idOf(second)).toBe(idOf(first));
    expect(idOf(third)).not.toBe(idOf(first));
  });

  it('does nothing where it is to rest, and has nothing to release', async () => {
    follow({ task: 'rest' });
    await follower?.stop();
    follow({ task: 'release' });
    expect([server.requests, host.left]).toEqual([[], null]);
  });
});
