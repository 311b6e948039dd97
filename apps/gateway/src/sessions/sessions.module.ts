import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { CallerSources } from '../http/caller-sources.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { Cookies } from './cookies.js';
import { CurrentSessionController } from './current-session.controller.js';
import { CurrentSession } from './current-session.js';
import { EndSessionCommand } from './end-session.command.js';
import { ForgedRequests } from './forged-requests.js';
import { SessionRepository } from './persistence/session.repository.js';
import { SessionCallers } from './session-callers.js';
import { SessionUpkeep } from './session-upkeep.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsView } from './sessions.view.js';
import { StartSessionCommand } from './start-session.command.js';

export const sessionsPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/session', read: 'member', write: 'member', area: 'own' },
  { prefix: '/v1/sessions', read: 'admin', area: 'access' },
];

/** Sessions of people, known to every gateway: `/v1/sessions`, `GET /v1/session`, and the source of callers that have a cookie. */
@Module({
  imports: [HttpModule, StateModule, AccessModule],
  controllers: [CurrentSessionController, SessionsController],
  providers: [
    Cookies,
    CurrentSession,
    SessionsView,
    SessionRepository,
    SessionCallers,
    SessionUpkeep,
    ForgedRequests,
    StartSessionCommand,
    EndSessionCommand,
  ],
  exports: [Cookies, CurrentSession, StartSessionCommand, EndSessionCommand],
})
export class SessionsModule {
  constructor(policies: RoutePolicies, sources: CallerSources, callers: SessionCallers) {
    policies.add(sessionsPolicies);
    sources.add(callers);
  }
}
