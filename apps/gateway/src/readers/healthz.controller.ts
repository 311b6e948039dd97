import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { healthz, type Healthz } from '@signalbox/contracts/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { ReadersView } from './readers.view.js';
import { LONGEST_WAIT_S, waitSeconds } from '../http/wait-seconds.js';
import { Waiter } from '../http/waiter.js';
import { areHealthy, type WantedState } from './readers-health.js';

const query = z.object({
  state: z.enum(['live', 'loading']).default('live').describe('The least state that every reader must have reached'),
  wait: waitSeconds.describe(`Seconds to wait for it before answering 503, at most ${LONGEST_WAIT_S}`),
});

@ApiTags('readers')
@Controller()
export class HealthzController {
  constructor(
    private readonly readers: ReadersView,
    private readonly waiter: Waiter,
  ) {}

  @Get('healthz')
  @ApiOperation({
    operationId: 'getReadersHealth',
    summary: 'Whether the readers can serve',
    description:
      'Public; the status code is the answer. 200 when there is at least one reader and each one known is live.',
  })
  @ApiOkResponse(documented(healthz, 'Every reader has reached the state'))
  @ApiResponse({ status: 503, ...documented(healthz, 'No reader is known, or some reader has not reached the state') })
  @documentedErrors(400, 429)
  async healthz(
    @Query({ schema: query }) { state, wait }: z.output<typeof query>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (wait > 0)
      await this.waiter.asked(request, {
        ms: wait * 1_000,
        isThere: () => this.healthy(state),
        onChange: (listener) => this.readers.onChange(listener),
      });
    const healthy = this.healthy(state);
    await reply
      .code(healthy ? 200 : 503)
      .headers({ 'cache-control': 'no-store' })
      .send({
        status: healthy ? 'healthy' : 'unhealthy',
        readers: this.readers.hasSnapshot ? this.readers.count() : null,
      } satisfies Healthz);
  }

  private healthy(wanted: WantedState): boolean {
    return this.readers.hasSnapshot && areHealthy(this.readers.count(), wanted);
  }
}
