import { messageTypes } from '@signalbox/contracts/messages';
import { defineStream, entries, type SnapshotPage } from '@signalbox/contracts/streams';
import {
  DeadMessage,
  type Amqp,
  type BindingSpec,
  type RequestOptions,
  type SubscriptionOptions,
} from '@signalbox/messaging';
import { createLogger, Health, Metrics } from '@signalbox/platform';
import { eventually, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FollowedStreams } from './followed-streams.js';
import { Replicas } from './replicas.js';

type Body = { stream: string };
type Schema = Extract<SubscriptionOptions<Body>['schema'], (message: never) => unknown>;

const ping = { type: 'test.ping', schema: z.object({ stream: z.string(), n: z.int() }) };
const needed = defineStream({ name: 'needed', entries: { item: entries('item', z.int()) }, beside: { ping } });
const other = defineStream({ name: 'other', entries: { item: entries('item', z.int()) } });
const late = defineStream({ name: 'late', entries: { item: entries('item', z.int()) }, beside: { ping } });

describe('Replicas', () => {
  let health: Health;
  let metrics: Metrics;
  let streams: FollowedStreams;
  let replicas: Replicas;
  let subscription: SubscriptionOptions<Body>;
  /** Of every owner. */
  let ownersSeq: number;
  let isActive: boolean;
  /** The keys that were bound and unbound later than the queue was declared. */
  let bindings: string[];
  /** When the broker has unbound something. */
  let unbinding: Promise<void>;

  beforeEach(() => {
    health = new Health();
    streams = new FollowedStreams();
    streams.follow(needed);
    streams.follow(other, { requiredForReadiness: false });
    const request = async ({ body }: RequestOptions<SnapshotPage>): Promise<SnapshotPage> => {
      const { stream } = body as Body;
      return { stream, snapshot_id: `1.${ownersSeq}`, epoch: 1, seq: ownersSeq, page: 0, pages: 1, entries: [] };
    };
    const subscribe = (options: SubscriptionOptions<Body>) => {
      subscription = options;
      return {
        close: async () => undefined,
        get active() {
          return isActive;
        },
      };
    };
    ownersSeq = 0;
    isActive = false;
    bindings = [];
    unbinding = Promise.resolve();
    const bind = async ({ key }: BindingSpec) => void bindings.push(`+${key}`);
    const unbind = async ({ key }: BindingSpec) => {
      await unbinding;
      bindings.push(`-${key}`);
    };
    const amqp = { request, subscribe, bind, unbind } as unknown as Amqp;
    const logger = createLogger({ name: 'test', level: 'silent' });
    metrics = new Metrics({ service: 'tester' });
    replicas = new Replicas(streams, amqp, 'tester', health, metrics, new FakeClock(), logger);
    replicas.onModuleInit();
    replicas.onApplicationBootstrap();
  });

  /** Reads and handles a message as a subscription does. */
  const receive = (
    type: string,
    body: { readonly stream: string } & Record<string, unknown>,
    routingKey = body.stream,
  ): 'handled' | 'refused' | 'unknown type' => {
    const schema = (subscription.schema as Schema)({ type });
    if (schema === undefined) return 'unknown type';
    const parsed = schema.safeParse(body);
    if (!parsed.success) return 'refused';
    void subscription.handler({ type, routingKey, body: parsed.data } as Parameters<typeof subscription.handler>[0]);
    return 'handled';
  };
  const itemOf = (definition: typeof needed | typeof other) => streams.follow(definition).collections.item.get('a');

  it('binds one queue of its service to every followed stream', () => {
    expect(subscription.queue).toMatch(/^tester\.replica\./);
    expect(subscription.declare?.bindings.map(({ key }) => key)).toEqual(['needed', 'other']);
  });

  it('is ready with the first snapshot of every required stream', async () => {
    expect(health.report().status).toBe('not_ready');
    subscription.onActive?.();
    await eventually(() => replicas.of('needed').hadSnapshot);
    expect(health.report().status).toBe('ready');
    expect(health.report().checks['owner of needed']).toMatchObject({ status: 'down', required: false });
  });

  it('reads each message by its type, and gives it to the replica of its stream', async () => {
    subscription.onActive?.();
    await eventually(() => replicas.of('other').hadSnapshot);
    const pings: number[] = [];
    streams.follow(needed).onMessage(ping, ({ n }) => pings.push(n));
    const delta = (stream: string) => ({ stream, epoch: 1, seq: 1, changes: [{ key: 'item/a', value: 7 }] });
    expect(receive(messageTypes.delta, delta('other'))).toBe('handled');
    expect([itemOf(needed), itemOf(other)]).toEqual([undefined, 7]);
    expect(receive('test.ping', { stream: 'needed', n: 3 })).toBe('handled');
    expect(pings).toEqual([3]);
    expect(receive(messageTypes.delta, delta('unfollowed'))).toBe('handled');
  });

  it('refuses the body of another type, and types that no followed stream has', () => {
    expect(receive(messageTypes.delta, { stream: 'needed', n: 3 })).toBe('refused');
    expect(receive('test.pong', { stream: 'needed', n: 3 })).toBe('unknown type');
  });

  it('takes no message of a stream by the key of another, which another owner may publish', () => {
    const delta = { stream: 'other', epoch: 1, seq: 1, changes: [] };
    expect(() => receive(messageTypes.delta, delta, 'needed')).toThrow(DeadMessage);
  });

  it('follows a stream that is joined while it runs, also after the queue was lost, until it is left', async () => {
    const queue = (there: boolean): void => {
      isActive = there;
      if (there) subscription.onActive?.();
      else subscription.onInactive?.();
    };
    queue(true);
    await eventually(() => replicas.of('needed').hadSnapshot);
    const content = streams.join(late);
    await eventually(() => replicas.of('late').hadSnapshot);
    expect(bindings).toEqual(['+late']);
    expect(health.report().checks['stream late']).toMatchObject({ status: 'up', required: false });
    const delta = (seq: number) => ({ stream: 'late', epoch: 1, seq, changes: [{ key: 'item/a', value: seq }] });
    receive(messageTypes.delta, delta(1));
    ownersSeq = 1;
    expect(content.collections.item.get('a')).toBe(1);

    queue(false);
    expect(replicas.of('late').isInStep).toBe(false);
    queue(true);
    await eventually(() => replicas.of('late').isInStep);
    expect(bindings).toEqual(['+late', '+late']);

    streams.leave('late');
    await eventually(() => bindings.at(-1) === '-late');
    expect(receive(messageTypes.delta, delta(2))).toBe('handled');
    expect(content.collections.item.get('a')).toBeUndefined();
    expect(replicas.find('late')).toBeUndefined();
    expect(Object.keys(health.report().checks).filter((name) => name.includes('late'))).toEqual([]);
    expect(await metrics.text()).not.toContain('signalbox_stream_age_seconds{stream="late"');
  });

  it('binds a stream that was left and is joined again after it is unbound', async () => {
    let answer = (): void => undefined;
    unbinding = new Promise((resolve) => (answer = resolve));
    isActive = true;
    subscription.onActive?.();
    streams.join(late);
    await eventually(() => replicas.of('late').hadSnapshot);
    streams.leave('late');
    streams.join(late);
    await new Promise((resolve) => setImmediate(resolve));
    expect(bindings).toEqual(['+late']);
    answer();
    await eventually(() => replicas.of('late').hadSnapshot);
    expect(bindings).toEqual(['+late', '-late', '+late']);
  });

  it('is ready without the snapshot of a stream that is joined', async () => {
    subscription.onActive?.();
    await eventually(() => replicas.of('needed').hadSnapshot);
    streams.join(late);
    expect(health.report().status).toBe('ready');
    expect(health.report().checks['stream late']).toMatchObject({ status: 'down' });
  });

  it('knows no replica of a stream that is not followed', () => {
    expect(() => replicas.of('unfollowed')).toThrow('the stream unfollowed is not followed');
  });
});
