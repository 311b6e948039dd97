import { Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ApiErrorFilter } from './api-error.filter.js';
import { CallerSources } from './caller-sources.js';
import { Crowding } from './crowding.js';
import { ErrorReply } from './error-reply.js';
import { invalidRequest } from './errors/invalid-request.js';
import { HotRoutes } from './hot-routes.js';
import { HttpMetrics } from './http.metrics.js';
import { httpPolicies } from './http.policies.js';
import { Listening } from './listening.js';
import { Refusals } from './refusals.js';
import { RequestTurns } from './request-turns.js';
import { RoutePolicies } from './route-policies.js';
import { RouteTable } from './route-table.js';
import { TrustedProxies } from './trusted-proxies.js';
import { TurnMetrics } from './turns/turns.metrics.js';
import { Turns } from './turns/turns.js';
import { Waiter } from './waiter.js';

/** What all features need of HTTP: route policies, sources of callers, errors, validation, turns, long polls. */
@Module({
  providers: [
    RoutePolicies,
    CallerSources,
    RouteTable,
    HotRoutes,
    HttpMetrics,
    ErrorReply,
    Refusals,
    Listening,
    Waiter,
    TrustedProxies,
    Turns,
    TurnMetrics,
    RequestTurns,
    Crowding,
    { provide: APP_INTERCEPTOR, useExisting: RequestTurns },
    { provide: APP_FILTER, useClass: ApiErrorFilter },
    { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidRequest }) },
  ],
  exports: [HotRoutes, RoutePolicies, CallerSources, Refusals, Listening, Waiter, TrustedProxies],
})
export class HttpModule {
  constructor(policies: RoutePolicies) {
    policies.add(httpPolicies);
  }
}
