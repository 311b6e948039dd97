import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { serviceStatusError, statusExplanation, type StatusExplanation } from '@signalbox/contracts/http';
import { buildVersion, CONFIG } from '@signalbox/platform';
import type { FastifyReply } from 'fastify';
import type { Config } from '../config.js';
import { documented, errorsLike } from '../http/docs/documented.js';
import { CurrentStatus } from './current-status.js';
import { presentExplanation, type Deployment } from './status.presenter.js';

const statusErrors = errorsLike(serviceStatusError);

@ApiTags('status')
@ApiSecurity('api-key')
@Controller('v1/status')
export class StatusController {
  private readonly deployment: Deployment;

  constructor(
    private readonly current: CurrentStatus,
    @Inject(CONFIG) config: Config,
  ) {
    this.deployment = {
      version: config.SIGNALBOX_VERSION || buildVersion(import.meta.url),
      environment: config.SIGNALBOX_ENVIRONMENT,
      datacenter: config.SIGNALBOX_DATACENTER,
    };
  }

  @Get('explain')
  @ApiOperation({
    summary: 'Why a component is not operational',
    description:
      'Role: member. Each rule that applies with what was seen, and the causes with what a person can do. Always 200; from memory.',
  })
  @ApiOkResponse(documented(statusExplanation, 'The components with their reasons, and the causes.'))
  @statusErrors(401, 503)
  explain(@Res({ passthrough: true }) reply: FastifyReply): StatusExplanation {
    void reply.header('cache-control', 'no-store');
    return presentExplanation(this.current.report, this.deployment);
  }
}
