import { Metrics } from '@signalbox/platform';
import { expect, it } from 'vitest';
import { HeartbeatMetrics } from './heartbeats.metrics.js';

it('names the first twenty readers whose heartbeats are refused, and counts all others together', async () => {
  const metrics = new Metrics({ service: 'reader-heartbeat' });
  const heartbeats = new HeartbeatMetrics(metrics);
  for (const round of [1, 2])
    for (let index = 0; index < 1_000; index++) heartbeats.refusedOf(`reader-${index}-${round === 1 ? '' : round}`);
  heartbeats.refusedOf('reader-0-');
  const series = [
    ...(await metrics.text()).matchAll(/^signalbox_heartbeats_refused_by_reader_total\{reader_id="(.+?)".*\} (\d+)$/gm),
  ].map(([, reader, count]) => [reader, Number(count)]);
  expect(series).toHaveLength(21);
  expect(Object.fromEntries(series)).toMatchObject({ 'reader-0-': 2, 'reader-19-': 1, other: 1_980 });
});
