import type { Amqp } from '@signalbox/messaging';
import { collectLogs, eventually, FakeClock } from '@signalbox/testing';
import { expect, it } from 'vitest';
import type { KnownDataplanes } from './known-dataplanes.js';
import { OverdueReports } from './overdue-reports.js';
import type { ReportAnnouncer } from './report-announcer.js';

it('requests an overdue report again only where the request was not published', async () => {
  const requested: string[] = [];
  let isUp = false;
  const publish = async ({ body }: { body: unknown }): Promise<void> => {
    requested.push((body as { dataplane: string }).dataplane);
    if (!isUp) throw new Error('the broker is unavailable');
  };
  const clock = new FakeClock();
  const { logger, lines } = collectLogs();
  const overdue = new OverdueReports(
    { publisher: { publish } } as unknown as Amqp,
    { storedNames: ['main'] } as KnownDataplanes,
    { silenceOf: () => 60_000 } as unknown as ReportAnnouncer,
    clock,
    logger,
  );
  overdue.onApplicationBootstrap();
  clock.advance(60_000);
  await eventually(() => lines.length > 0);
  const whileDown = requested.length;
  isUp = true;
  clock.advance(60_000);
  expect(requested.length).toBe(whileDown + 1);
  clock.advance(600_000);
  overdue.onModuleDestroy();
  expect(requested.length).toBe(whileDown + 1);
});
