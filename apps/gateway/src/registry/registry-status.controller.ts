import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { registryHealth, registryStatus } from '@signalbox/contracts/http';
import type { FastifyReply } from 'fastify';
import { documented, IfNoneMatch, documentedErrors } from '../http/docs/documented.js';
import { Stopping } from '../health/stopping.js';
import { HotRoutes, type HotRequest } from '../http/hot-routes.js';
import { cachedAnswer, sendAnswer, type PlainAnswer } from '../http/plain-answer.js';
import { registryErrors } from './registry-docs.js';
import { RegistryPresence } from './registry-presence.js';
import { RegistryStatusBody } from './registry-status.body.js';

@ApiTags('registry')
@Controller()
export class RegistryStatusController {
  constructor(
    private readonly body: RegistryStatusBody,
    private readonly presence: RegistryPresence,
    private readonly stopping: Stopping,
    hot: HotRoutes,
  ) {
    const answer = ({ ifNoneMatch }: HotRequest): PlainAnswer => cachedAnswer(body.now(), ifNoneMatch);
    hot.add({ path: '/api/v0/status', prepare: () => answer });
  }

  @Get('api/v0/status')
  @ApiOperation({
    operationId: 'getRegistryStatus',
    summary: 'All projects with their connections and packages, and the state of the registry',
    description:
      'Role: member. From memory, also while other parts are unavailable. ' +
      '`serving` means that all that could be loaded is listed; `loadErrors` lists what could not. ' +
      'With `stale` this is the last known state of the registry. Credentials are never shown.',
  })
  @ApiOkResponse(documented(registryStatus, 'The status.'))
  @IfNoneMatch('Nothing but the timestamp has changed')
  @registryErrors(401, 403, 503)
  status(@Headers('if-none-match') known: string | undefined, @Res() reply: FastifyReply): void {
    sendAnswer(reply, cachedAnswer(this.body.now(), known));
  }

  @Get('health/liveness')
  @ApiOperation({
    operationId: 'getRegistryLiveness',
    summary: 'Whether this process runs',
    description: 'Public. For clients of the registry that use this path; /livez is equivalent.',
  })
  @ApiOkResponse(documented(registryHealth, 'It does.'))
  @documentedErrors(400)
  liveness(): { status: 'UP' } {
    return { status: 'UP' };
  }

  @Get('health/readiness')
  @ApiOperation({
    operationId: 'getRegistryReadiness',
    summary: 'Whether the registry serves',
    description: 'Public. Not while it loads, stops or is unavailable.',
  })
  @ApiOkResponse(documented(registryHealth, 'It does.'))
  @ApiServiceUnavailableResponse(documented(registryHealth, 'It does not.'))
  @documentedErrors(400)
  async readiness(@Res() reply: FastifyReply): Promise<void> {
    const isUp = this.presence.isServing && !this.stopping.hasBegun;
    await reply
      .code(isUp ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isUp ? 'UP' : 'DOWN' });
  }
}
