import { collectLogs, eventually, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { RouteProber, type RouteProberOptions } from './route-prober.js';

const route = (name: string) => ({ name, host: name, port: 1, tls: false });

function prober(options: Partial<RouteProberOptions> & Pick<RouteProberOptions, 'probe'>) {
  const clock = new FakeClock();
  const { logger, lines } = collectLogs();
  const made = new RouteProber({
    routes: [route('a:1'), route('b:1')],
    intervalMs: 1_000,
    timeoutMs: 10,
    clock,
    logger,
    ...options,
  });
  return { clock, lines, prober: made };
}

describe('RouteProber', () => {
  it('has no results where there is nothing to probe', () => {
    const bench = prober({ routes: [], probe: async () => 'OK' });
    bench.prober.start();
    expect(bench.prober.results()).toBeUndefined();
  });

  it('reports a route as not probed yet until its own probe has ended', async () => {
    const bench = prober({
      probe: ({ name }) => (name === 'a:1' ? Promise.resolve('OK') : new Promise(() => undefined)),
    });
    expect(bench.prober.results()).toEqual({ 'a:1': 'not probed yet', 'b:1': 'not probed yet' });
    bench.prober.start();
    await eventually(() => bench.prober.results()?.['a:1'] === 'OK');
    expect(bench.prober.results()).toEqual({ 'a:1': 'OK', 'b:1': 'not probed yet' });
  });

  it('probes 200 routes, at most 32 at once', async () => {
    let [now, most] = [0, 0];
    const probe = async (): Promise<string> => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return 'refused';
    };
    const bench = prober({ routes: Array.from({ length: 200 }, (_, index) => route(`host-${index}:1`)), probe });
    bench.prober.start();
    await eventually(() => Object.values(bench.prober.results() ?? {}).every((result) => result === 'refused'));
    expect(most).toBe(32);
  });

  it('probes again at its interval, logs changes only, and stops', async () => {
    let [probes, answer] = [0, 'OK'];
    const bench = prober({ routes: [route('a:1')], probe: async () => ((probes += 1), answer) });
    const another = async (): Promise<void> => {
      const before = probes;
      await eventually(() => (bench.clock.advance(1_000), probes > before));
      await new Promise((resolve) => setImmediate(resolve));
    };
    bench.prober.start();
    await another();
    answer = 'refused';
    await another();
    expect(bench.prober.results()).toEqual({ 'a:1': 'refused' });
    expect(bench.lines.map(({ result }) => result)).toEqual(['OK', 'refused']);
    bench.prober.stop();
    const before = probes;
    bench.clock.advance(10_000);
    expect(probes).toBe(before);
  });
});
