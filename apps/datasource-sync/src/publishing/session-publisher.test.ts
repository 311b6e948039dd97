import type { BatchMessage as Outgoing } from '@signalbox/messaging';
import { createLogger, Metrics, type JsonValue } from '@signalbox/platform';
import { describe, expect, it } from 'vitest';
import type { EndpointAssignment } from '../work/assignment.js';
import type { BatchMessage } from '../worker/protocol.js';
import { PublishingMetrics } from './publishing.metrics.js';
import { SessionPublisher } from './session-publisher.js';

const assignment: EndpointAssignment = {
  id: 'dse_a',
  fence: 3,
  version: 1,
  livemode: false,
  targets: { allowLoopback: false, allowPrivate: false },
  task: 'follow',
  position: null,
  generation: 2,
  connection: 'endpoint',
  source: { url: 'https://example.com', signingKeys: [] },
  pollIntervalMs: 1_000,
};

/** A publisher whose broker and database do what the test says. */
class Bench {
  readonly published: string[][] = [];
  readonly events: string[] = [];
  readonly confirms: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  readonly saved: JsonValue[] = [];
  isHeld = true;
  canSave = true;

  readonly publisher = new SessionPublisher({
    assignment,
    publisher: {
      publishAll: (_exchange: string, messages: readonly Outgoing[]) => {
        this.published.push(messages.map(({ routingKey, content }) => `${routingKey} ${content.toString()}`));
        return new Promise((resolve, reject) => this.confirms.push({ resolve, reject }));
      },
    },
    held: { isHeld: (id, fence) => this.isHeld && id === 'dse_a' && fence === 3 },
    records: {
      savePosition: async ({ position, generation }) => {
        if (!this.canSave || generation !== 2) throw new Error('not stored');
        this.saved.push(position);
      },
    },
    metrics: new PublishingMetrics(new Metrics({ service: 'test' })),
    logger: createLogger({ name: 'test', level: 'silent' }),
    onPublished: (batches) => this.events.push(`published ${batches}`),
    onRefused: (run, code) => this.events.push(`refused ${run} ${code}`),
    onSaved: () => undefined,
  });

  add(position: number, changes: Partial<BatchMessage> = {}, bytes: Buffer = Buffer.from('ab')): void {
    const batch: BatchMessage = {
      type: 'batch',
      session: 1,
      run: 0,
      keys: ['x.y.insert', 'x.z.insert'],
      ids: ['dse_a:1', 'dse_a:2'],
      lengths: [1, 1],
      position,
      ...changes,
    };
    this.publisher.add(batch, bytes);
  }
}

/** All that is resolved by now has had its effect. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('publishing the batches of a session', () => {
  it('puts the datasource before each routing key', () => {
    const bench = new Bench();
    bench.add(1);
    expect(bench.published).toEqual([['dse_a.x.y.insert a', 'dse_a.x.z.insert b']]);
  });

  it('stores a position when all before it is confirmed, and reports it to the worker only then', async () => {
    const bench = new Bench();
    bench.add(1);
    bench.add(2);
    bench.confirms[1]!.resolve();
    await settled();
    expect([bench.saved, bench.events]).toEqual([[], []]);
    bench.confirms[0]!.resolve();
    await settled();
    expect(bench.saved.at(-1)).toBe(2);
    expect(bench.events.join()).toMatch(/^published 2$|^published 1,published 1$/);
  });

  it('refuses what is behind a batch that failed, and stores no position of it', async () => {
    const bench = new Bench();
    bench.add(1);
    bench.add(2);
    bench.confirms[0]!.reject(new Error('nacked'));
    bench.confirms[1]!.resolve();
    await settled();
    bench.add(3);
    await bench.publisher.idle();
    expect(bench.saved).toEqual([]);
    expect(bench.events).toEqual(['refused 0 broker']);
    expect(bench.published).toHaveLength(2);
  });

  it('publishes the next run after a refusal', async () => {
    const bench = new Bench();
    bench.add(1);
    bench.confirms[0]!.reject(new Error('nacked'));
    await settled();
    bench.add(1, { run: 1 });
    bench.confirms[1]!.resolve();
    await settled();
    expect(bench.saved).toEqual([1]);
    expect(bench.events).toEqual(['refused 0 broker', 'published 1']);
  });

  it('refuses what was confirmed where its position cannot be stored', async () => {
    const bench = new Bench();
    bench.canSave = false;
    bench.add(1);
    bench.confirms[0]!.resolve();
    await settled();
    expect(bench.events).toEqual(['refused 0 store']);
  });

  it('stores and publishes nothing of a datasource that is not held any more', async () => {
    const bench = new Bench();
    bench.add(1);
    bench.isHeld = false;
    bench.confirms[0]!.resolve();
    await settled();
    bench.add(2, { run: 1 });
    expect(bench.saved).toEqual([]);
    expect(bench.published).toHaveLength(1);
    expect(bench.events).toEqual(['refused 0 not_held', 'refused 1 not_held']);
  });

  it.each<[string, Partial<BatchMessage>, Buffer?]>([
    ['ids of another datasource', { ids: ['dse_b:1', 'dse_a:2'] }],
    ['fewer keys than ids', { keys: ['x.y.insert'] }],
    ['bodies that are longer than said', { lengths: [1, 1] }, Buffer.from('abc')],
    ['bodies that are shorter than said', { lengths: [1, 100] }],
    ['a run that nothing gave a reason for', { run: 1 }],
  ])('takes no batch with %s', (_what, changes, bytes) => {
    const bench = new Bench();
    expect(() => bench.add(1, changes, bytes)).toThrow(expect.objectContaining({ name: 'Misbehaved' }));
    expect(bench.published).toEqual([]);
  });

  it('takes no more than the window', () => {
    const bench = new Bench();
    expect(() => {
      for (let n = 0; n < 100; n += 1) bench.add(n);
    }).toThrow('more batches than the window allows');
    expect(bench.published.length).toBeLessThan(20);
  });
});
