import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import {
  dataplaneReport,
  reportKey,
  reportsQueue,
  REPORT_INTERVAL_MS,
  type DataplaneReport,
} from '@signalbox/contracts/messages';
import { Amqp, DeadMessage, type Delivery, type Subscription } from '@signalbox/messaging';
import { CLOCK, type Clock } from '@signalbox/platform';
import { HealthRequests } from './health-requests.js';
import { KnownDataplanes } from './known-dataplanes.js';
import { ReportBooks } from './report-books.js';
import { ReportAnnouncer } from './report-announcer.js';

/** Their queues and their place in every gateway's memory are made on their word alone. */
const MOST_DATAPLANES = 100;

/** How long a report may be overdue before it is asked for. */
const OVERDUE_MS = 1.5 * REPORT_INTERVAL_MS;

/** Hears the dataplanes. What they say reaches the gateways whether or not the database is there. */
@Injectable()
export class ReportsConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private subscription: Subscription | undefined;
  private cancel: (() => void) | undefined;
  private startedAt = 0;
  /** Who was asked and has not been heard since: a question waits for whoever is away, and a second one would say no more. */
  private readonly asked = new Set<string>();

  constructor(
    private readonly amqp: Amqp,
    private readonly known: KnownDataplanes,
    private readonly books: ReportBooks,
    private readonly announcer: ReportAnnouncer,
    private readonly health: HealthRequests,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.known.load();
    this.startedAt = this.clock.monotonic();
    this.books.prepare();
    this.subscription = this.amqp.subscribe({
      queue: reportsQueue.name,
      schema: dataplaneReport,
      prefetch: 1,
      handler: (delivery) => this.hear(delivery),
    });
    this.askOverdue();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.cancel?.();
    await this.subscription?.close();
  }

  private hear({ body: report, routingKey }: Delivery<DataplaneReport>): void {
    if (routingKey !== reportKey(report.dataplane))
      throw new DeadMessage('wrong-key', `a report of a dataplane travels with the key ${reportKey('<name>')}`);
    const judgement = this.known.judge(report);
    if (judgement === 'old-life' || judgement === 'not-newer') return;
    this.asked.delete(report.dataplane);
    if (judgement === 'first-life') this.refuseTooMany(report.dataplane);
    this.announcer.announce(report);
    if (judgement === 'newer') this.known.heard(report);
    this.books.note(report);
  }

  /** Those that are heard and not written down yet count as well. */
  private refuseTooMany(name: string): void {
    const names = new Set([...this.known.names, ...this.announcer.silences().keys()]);
    if (!names.has(name) && names.size >= MOST_DATAPLANES)
      throw new DeadMessage('too-many-dataplanes', `there are ${MOST_DATAPLANES} already`);
  }

  private askOverdue(): void {
    this.cancel = this.clock.schedule(OVERDUE_MS, () => this.askOverdue(), { background: true });
    const silences = this.announcer.silences();
    const sinceStart = this.clock.monotonic() - this.startedAt;
    for (const name of this.known.names) {
      if (this.asked.has(name) || (silences.get(name) ?? sinceStart) <= OVERDUE_MS) continue;
      this.asked.add(name);
      this.health.ask(name);
    }
  }
}
