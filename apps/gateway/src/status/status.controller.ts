import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { criticalStatus, serviceStatus, statusExplanation, type StatusExplanation } from '@signalbox/contracts/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { documented, serviceStatusErrors } from '../http/docs/documented.js';
import { HotRoutes } from '../http/hot-routes.js';
import { momentaryAnswer, sendAnswer } from '../http/plain-answer.js';
import { AccountStatus } from '../limits/account-status.js';
import { CurrentStatus, type KnownStatus } from './current-status.js';
import { checkFailed } from './status-errors.js';
import { StatusBody } from './status.body.js';
import { presentExplanation, presentStatus } from './status.presenter.js';

@ApiTags('status')
@Controller('v1/status')
export class StatusController {
  constructor(
    private readonly current: CurrentStatus,
    private readonly accounts: AccountStatus,
    private readonly body: StatusBody,
    hot: HotRoutes,
  ) {
    hot.add({
      path: '/v1/status',
      prepare: () => {
        const known = current.get();
        if (known.report.status === 'critical') return undefined;
        return (request) => {
          const account = accounts.of(request, request.caller);
          return momentaryAnswer(body.of(known, { account, elapsedMs: performance.now() - request.startedAt }));
        };
      },
    });
  }

  @Get()
  @ApiOperation({
    operationId: 'getStatus',
    summary: 'The state of every component, and the limits of the caller',
    description:
      'Role: member. From memory. 503 if and only if the overall status is critical: without a component of `CRITICAL_COMPONENTS`.',
  })
  @ApiOkResponse(documented(serviceStatus, 'The system is operational or degraded.'))
  @ApiResponse({ status: 503, ...documented(criticalStatus, 'The system is in a critical state.') })
  @serviceStatusErrors(401, 403, 429, 500)
  status(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const known = this.check();
    // The route is not public: the caller is known.
    const own = { account: this.accounts.of(request, request.caller!), elapsedMs: reply.elapsedTime };
    if (known.report.status !== 'critical') return sendAnswer(reply, momentaryAnswer(this.body.of(known, own)));
    const { body } = presentStatus(known, this.body.deployment, { ...own, requestId: request.id });
    void reply.code(503).header('cache-control', 'no-store').send(body);
  }

  @Get('explain')
  @ApiOperation({
    operationId: 'explainStatus',
    summary: 'Why a component is not operational',
    description:
      'Role: member. Each rule that applies with what was seen, and the causes with what a person can do. Always 200; from memory.',
  })
  @ApiOkResponse(documented(statusExplanation, 'The components with their reasons, and the causes.'))
  @serviceStatusErrors(401, 403, 429, 500, 503)
  explain(@Res({ passthrough: true }) reply: FastifyReply): StatusExplanation {
    void reply.header('cache-control', 'no-store');
    return presentExplanation(this.check().report, this.body.deployment);
  }

  /** @throws ApiError where the check itself cannot run: nothing is known of the system then */
  private check(): KnownStatus {
    try {
      return this.current.get();
    } catch (error) {
      throw checkFailed(error);
    }
  }
}
