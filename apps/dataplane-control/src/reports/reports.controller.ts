import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { messageTypes, reportKey, type DataplaneReport } from '@signalbox/contracts/messages';
import { DeadMessage } from '@signalbox/messaging';
import { AmqpContext, CommandPattern } from '@signalbox/nest-service';
import { KnownDataplanes } from './known-dataplanes.js';
import { OverdueReports } from './overdue-reports.js';
import { ReportAnnouncer } from './report-announcer.js';
import { ReportStore } from './report-store.js';

/** Reports of agents. They reach the gateways whether or not the database is up. */
@Controller()
export class ReportsController {
  constructor(
    private readonly known: KnownDataplanes,
    private readonly overdue: OverdueReports,
    private readonly announcer: ReportAnnouncer,
    private readonly store: ReportStore,
  ) {}

  @CommandPattern(messageTypes.report)
  onReport(@Payload() report: DataplaneReport, @Ctx() { delivery }: AmqpContext): void {
    if (delivery.routingKey !== reportKey(report.dataplane))
      throw new DeadMessage('wrong-key', `a report of a dataplane travels with the key ${reportKey('<name>')}`);
    if (!this.known.accept(report)) return;
    this.overdue.received(report.dataplane);
    this.announcer.announce(report);
    this.store.add(report);
  }
}
