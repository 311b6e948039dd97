import { Controller, Get, HttpCode, Inject, Put, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { platformError, platformInfo, platformStatus, type PlatformInfo } from '@signalbox/contracts/http';
import { buildVersion, CONFIG, release } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { documented, errorsLike } from '../http/docs/documented.js';
import { withHeaders } from '../http/docs/response-headers.js';
import { DataplaneCommands } from '../dataplanes/dataplane-commands.js';
import { HotRoutes } from '../http/hot-routes.js';
import { momentaryAnswer, sendAnswer, type PlainAnswer } from '../http/plain-answer.js';
import { PlatformStatusBody } from './platform-status.body.js';

/** The errors of a route in the shape of this API: `{detail}`. */
const platformErrors = errorsLike(platformError);

@ApiTags('platform')
@Controller('api')
export class PlatformController {
  private readonly info: PlatformInfo;

  constructor(
    private readonly body: PlatformStatusBody,
    private readonly commands: DataplaneCommands,
    @Inject(CONFIG) private readonly config: Config,
    hot: HotRoutes,
  ) {
    const answer = (): PlainAnswer => momentaryAnswer(body.now());
    hot.add({ path: '/api/status', prepare: () => answer });
    this.info = {
      application: config.SIGNALBOX_APPLICATION,
      description: config.SIGNALBOX_DESCRIPTION,
      version: config.SIGNALBOX_VERSION || buildVersion(import.meta.url),
      release,
      platform: config.SIGNALBOX_PLATFORM,
      engine: config.SIGNALBOX_PLATFORM_ENGINE,
      size: config.SIGNALBOX_PLATFORM_SIZE,
      jwt_ttl_seconds: config.SIGNALBOX_JWT_TTL_SECONDS,
    };
  }

  @Get()
  @ApiOperation({ operationId: 'getPlatform', summary: 'Show this deployment', description: 'Role: member.' })
  @ApiOkResponse(documented(platformInfo, 'Facts of the deployment.'))
  @platformErrors(401, 403, 503)
  about(): PlatformInfo {
    return this.info;
  }

  @Get('status')
  @ApiOperation({
    operationId: 'getPlatformStatus',
    summary: 'Health of the database, the broker, the dataplane and its private routes',
    description:
      'Role: member. Always 200; from memory. Each connection is what this gateway saw within the last ten seconds; the dataplane is as in its last report.',
  })
  @ApiOkResponse(documented(platformStatus, 'The health of each part.'))
  @platformErrors(401, 403, 503)
  status(@Res() reply: FastifyReply): void {
    sendAnswer(reply, momentaryAnswer(this.body.now()));
  }

  @Put('admin/restart')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'restartPrimaryDataplane',
    summary: 'Restart the dataplane',
    description:
      'Role: admin. 200 with an empty body as soon as the shutdown message is in the queue of the dataplane; ' +
      'each call sends one, and no incarnation of the dataplane executes more than one. ' +
      'The Location header names the restart, which `GET /v1/restarts/{id}` follows to its end.',
  })
  @ApiOkResponse({ description: 'The message is sent. The body is empty.', headers: withHeaders('Location') })
  @platformErrors(401, 403, 503, 504)
  async restart(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { restart_id } = await this.commands.shutdown(this.config.SIGNALBOX_PRIMARY_DATAPLANE, request);
    void reply.header('location', `/v1/restarts/${restart_id}`);
  }
}
