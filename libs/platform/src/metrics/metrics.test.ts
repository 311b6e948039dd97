import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Metrics } from './metrics.js';

const { version: packageVersion } = createRequire(import.meta.url)('../../../../package.json') as { version: string };

/** The lines of a metric, without its comments. */
const linesOf = async (metrics: Metrics, name: string): Promise<string[]> =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(name));

describe('the metrics of a service', () => {
  const metrics = () => new Metrics({ service: 'test' });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('say which build runs', async () => {
    const [line, ...others] = await linesOf(metrics(), 'signalbox_build_info');
    expect(others).toEqual([]);
    expect(/release="([^"]+)"/.exec(line!)?.[1]).toBe(packageVersion);
    expect(/version="([^"]+)"/.exec(line!)?.[1]).toMatch(/^\d{8}(-[\da-f]{7})?$/);
  });

  it('show a counter without labels from the start, and one with labels for what was counted', async () => {
    const all = metrics();
    const plain = all.counter({ name: 'signalbox_plain_total', help: 'Plain.' });
    const labelled = all.counter({ name: 'signalbox_labelled_total', help: 'Labelled.', labels: ['kind'] });
    expect(await linesOf(all, 'signalbox_plain_total')).toEqual(['signalbox_plain_total{service="test"} 0']);
    plain.of({}).inc();
    labelled.of({ kind: 'a' }).inc(2);
    labelled.of({ kind: 'a' }).inc();
    expect(await linesOf(all, 'signalbox_plain_total')).toEqual(['signalbox_plain_total{service="test"} 1']);
    expect(await linesOf(all, 'signalbox_labelled_total')).toEqual([
      'signalbox_labelled_total{kind="a",service="test"} 3',
    ]);
  });

  it('count an observation in every bucket that it is not above', async () => {
    const all = metrics();
    const took = all.histogram({ name: 'signalbox_took_seconds', help: 'Took.', labels: ['to'], buckets: [0.1, 1] });
    for (const seconds of [0.1, 0.5, 7]) took.of({ to: 'a' }).observe(seconds);
    expect(await linesOf(all, 'signalbox_took_seconds')).toEqual([
      'signalbox_took_seconds_bucket{to="a",le="0.1",service="test"} 1',
      'signalbox_took_seconds_bucket{to="a",le="1",service="test"} 2',
      'signalbox_took_seconds_bucket{to="a",le="+Inf",service="test"} 3',
      'signalbox_took_seconds_sum{to="a",service="test"} 7.6',
      'signalbox_took_seconds_count{to="a",service="test"} 3',
    ]);
  });

  it('leave out a gauge whose value is not known, cannot be read, or takes too long', async () => {
    vi.useFakeTimers();
    const all = metrics();
    all.gauge({ name: 'signalbox_known', help: 'Known.' }, () => 5);
    all.gauge({ name: 'signalbox_unknown', help: 'Unknown.' }, () => undefined);
    all.gauge({ name: 'signalbox_failing', help: 'Fails.' }, () => {
      throw new Error('no connection');
    });
    all.gauge({ name: 'signalbox_rejected', help: 'Fails later.' }, () => Promise.reject(new Error('no connection')));
    all.gauge({ name: 'signalbox_slow', help: 'Never.' }, () => new Promise<number>(() => undefined));
    const text = all.text();
    await vi.advanceTimersByTimeAsync(500);
    const lines = (await text).split('\n').filter((line) => /^signalbox_(?!build)/.test(line));
    expect(lines).toEqual(['signalbox_known{service="test"} 5']);
  });

  it('refuse a second metric of one name', () => {
    const all = metrics();
    all.gauge({ name: 'signalbox_depth', help: 'Depth.' }, () => 1);
    expect(() => all.counter({ name: 'signalbox_depth', help: 'Depth.' })).toThrow('already been registered');
  });

  it('leave out what Node names as counters although it is none', async () => {
    const text = await metrics().text();
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).not.toMatch(/^nodejs_active_\w+_total/m);
  });
});
