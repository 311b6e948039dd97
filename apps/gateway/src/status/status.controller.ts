import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { criticalStatus, serviceStatus, statusExplanation, type StatusExplanation } from '@signalbox/contracts/http';
import { buildVersion, CONFIG } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { documented, serviceStatusErrors } from '../http/docs/documented.js';
import { CurrentStatus } from './current-status.js';
import { AccountStatus } from '../limits/account-status.js';
import { presentExplanation, presentStatus, type Deployment } from './status.presenter.js';

@ApiTags('status')
@ApiSecurity('api-key')
@Controller('v1/status')
export class StatusController {
  private readonly deployment: Deployment;

  constructor(
    private readonly current: CurrentStatus,
    private readonly accounts: AccountStatus,
    @Inject(CONFIG) config: Config,
  ) {
    this.deployment = {
      version: config.SIGNALBOX_VERSION || buildVersion(import.meta.url),
      environment: config.SIGNALBOX_ENVIRONMENT,
      datacenter: config.SIGNALBOX_DATACENTER,
    };
  }

  @Get()
  @ApiOperation({
    summary: 'The state of every component, and the limits of the caller',
    description:
      'Role: member. From memory. 503 if and only if the overall status is critical: without a component of `CRITICAL_COMPONENTS`.',
  })
  @ApiOkResponse(documented(serviceStatus, 'The system is operational or degraded.'))
  @ApiResponse({ status: 503, ...documented(criticalStatus, 'The system is in a critical state.') })
  @serviceStatusErrors(401, 403, 429)
  async status(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { status, body } = presentStatus(this.current.get(), this.deployment, {
      // The route is not public: the caller is known.
      account: this.accounts.of(request, request.caller!),
      requestId: request.id,
      elapsedMs: reply.elapsedTime,
    });
    await reply.code(status).header('cache-control', 'no-store').send(body);
  }

  @Get('explain')
  @ApiOperation({
    summary: 'Why a component is not operational',
    description:
      'Role: member. Each rule that applies with what was seen, and the causes with what a person can do. Always 200; from memory.',
  })
  @ApiOkResponse(documented(statusExplanation, 'The components with their reasons, and the causes.'))
  @serviceStatusErrors(401, 403, 429, 503)
  explain(@Res({ passthrough: true }) reply: FastifyReply): StatusExplanation {
    void reply.header('cache-control', 'no-store');
    return presentExplanation(this.current.get().report, this.deployment);
  }
}
