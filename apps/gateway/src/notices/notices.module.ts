import { Module } from '@nestjs/common';
import { serviceStatusShape } from '../http/errors/service-status.shape.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { ChangeNoticeCommand } from './change-notice.command.js';
import { NoticeRepository } from './notice.repository.js';
import { NoticesController } from './notices.controller.js';
import { NoticesView } from './notices.view.js';
import { ScheduleNoticeCommand } from './schedule-notice.command.js';

export const noticesPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/notices', read: 'member', write: 'manager', area: 'notices', errors: serviceStatusShape },
];

/** Scheduled maintenance: `/v1/notices`. */
@Module({
  imports: [HttpModule, StateModule],
  controllers: [NoticesController],
  providers: [NoticeRepository, NoticesView, ScheduleNoticeCommand, ChangeNoticeCommand],
  exports: [NoticesView],
})
export class NoticesModule {
  constructor(policies: RoutePolicies) {
    policies.add(noticesPolicies);
  }
}
