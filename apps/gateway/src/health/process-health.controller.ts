import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { processHealth } from '@signalbox/contracts/http';
import { HEALTH, type Health } from '@signalbox/platform';
import type { FastifyReply } from 'fastify';
import { documented, documentedErrors } from '../http/docs/documented.js';

/** The health of this gateway process itself, for load balancers and orchestrators; details are on the management port. */
@ApiTags('process')
@Controller()
export class ProcessHealthController {
  constructor(@Inject(HEALTH) private readonly health: Health) {}

  @Get('livez')
  @ApiOperation({ operationId: 'getLiveness', summary: 'Whether this process runs', description: 'Public.' })
  @ApiOkResponse(documented(processHealth, 'It runs.'))
  @documentedErrors(400)
  livez(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Whether this process can answer',
    description:
      'Public. Ready from the first snapshot of each required stream on, also while other parts are unavailable.',
  })
  @ApiOkResponse(documented(processHealth, 'It is ready.'))
  @ApiServiceUnavailableResponse(documented(processHealth, 'It has not had all snapshots yet.'))
  @documentedErrors(400)
  async readyz(@Res() reply: FastifyReply): Promise<void> {
    const { status } = this.health.report();
    await reply
      .code(status === 'ready' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status });
  }
}
