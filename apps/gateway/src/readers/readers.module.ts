import { Module } from '@nestjs/common';
import { inferenceUnserved } from '@signalbox/contracts/http';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { ForgetReaderCommand } from './forget-reader.command.js';
import { HealthzController } from './healthz.controller.js';
import { ReaderConfigController } from './reader-config.controller.js';
import { ReaderDetailsController } from './reader-details.controller.js';
import { ReaderDetails } from './reader-details.js';
import { ListReadersQuery } from './list-readers.query.js';
import { ManagementAnswers } from './management-answers.js';
import { ReaderGroupsController } from './reader-groups.controller.js';
import { ReaderStatusBody } from './reader-status.body.js';
import { ReaderStatusController } from './reader-status.controller.js';
import { ReaderController } from './reader.controller.js';
import { ReadersController } from './readers.controller.js';
import { ReadersReadiness } from './readers-readiness.js';
import { ReadersView } from './readers.view.js';
import { StopReaderCommand } from './stop-reader.command.js';

export const readersPolicies: readonly RoutePolicy[] = [
  { prefix: '/status', read: 'admin', area: 'readers' },
  { prefix: '/reader_groups', read: 'admin', area: 'readers' },
  { prefix: '/config', read: 'admin', area: 'readers', isOneParameter: true },
  { prefix: '/reader', read: 'admin', area: 'readers', isOneParameter: true },
  { prefix: '/inference/status', read: 'member', area: 'readers' },
  { prefix: '/v1/readers', read: 'member', area: 'readers' },
  { prefix: '/healthz', read: 'public', write: 'public' },
  ...inferenceUnserved.paths.map((prefix): RoutePolicy => ({
    prefix,
    read: 'member',
    write: 'member',
    area: 'readers',
  })),
];

/** The model readers: `/status`, `/reader_groups`, `/inference/status`, `/healthz` and `/v1/readers`. */
@Module({
  imports: [AuditModule, HttpModule, StateModule],
  controllers: [
    ReaderStatusController,
    ReaderGroupsController,
    HealthzController,
    ReadersController,
    ReaderController,
    ReaderConfigController,
    ReaderDetailsController,
  ],
  providers: [
    ReadersView,
    ReadersReadiness,
    ReaderStatusBody,
    ReaderDetails,
    ManagementAnswers,
    ListReadersQuery,
    ForgetReaderCommand,
    StopReaderCommand,
  ],
  exports: [ReadersView],
})
export class ReadersModule {
  constructor(policies: RoutePolicies) {
    policies.add(readersPolicies);
  }
}
