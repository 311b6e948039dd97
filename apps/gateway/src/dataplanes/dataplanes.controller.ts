import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  dataplane,
  dataplaneList,
  restartAccepted,
  restartBody,
  type Dataplane,
  type RestartBody,
} from '@signalbox/contracts/http';
import { text } from '@signalbox/contracts/messages';
import type { RestartEntry } from '@signalbox/contracts/streams';
import { CONFIG } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';
import { ApiError } from '../http/errors/api-error.js';
import { DataplaneView, type DataplaneRecord } from './dataplane.view.js';
import { DataplaneClient } from './dataplane-client.js';
import { askedBy } from '../http/asked-by.js';
import { findDataplane, requireSnapshot } from './dataplane-lookup.js';
import { presentDataplane } from './dataplane.presenter.js';

const idempotencyKey = text({ max: 255 }).optional();

@ApiTags('dataplanes')
@Controller('v1/dataplanes')
export class DataplanesController {
  constructor(
    private readonly view: DataplaneView,
    private readonly client: DataplaneClient,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listDataplanes',
    summary: 'List dataplanes',
    description: 'Role: member. By name; all that ever reported and were not removed.',
  })
  @ApiOkResponse(documented(dataplaneList, 'The dataplanes.'))
  @documentedErrors(401, 403, 503)
  list(): { data: Dataplane[] } {
    requireSnapshot(this.view);
    return { data: this.view.all().map((record) => this.present(record)) };
  }

  @Get(':name')
  @ApiOperation({
    operationId: 'getDataplane',
    summary: 'Show a dataplane',
    description: 'Role: member. With its last report, which has the numbers behind `thread_pool_state`.',
  })
  @ApiOkResponse(documented(dataplane, 'The dataplane.'))
  @documentedErrors(401, 403, 404, 503)
  show(@Param('name') name: string): Dataplane {
    return this.present(findDataplane(this.view, name));
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteDataplane',
    summary: 'Remove a dataplane that does not report any more',
    description:
      'Role: admin. It is not shown any more, and its name is free. Its operations that wait or run are cancelled, and its queues are deleted. ' +
      'One that has reported within 15 seconds, or that has a restart in progress, is refused with 409. One that reports again is shown again.',
  })
  @ApiNoContentResponse({ description: 'The dataplane is removed.' })
  @documentedErrors(400, 401, 403, 404, 409, 429, 503, 504)
  async delete(@Param('name') name: string, @Req() request: FastifyRequest): Promise<void> {
    const { name: dataplane, ageMs } = findDataplane(this.view, name);
    await this.client.deleteDataplane({ dataplane, silent_ms: ageMs ?? null, by: askedBy(request) });
  }

  @Post(':name/restarts')
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'The same key is the same restart, for a day' })
  @ApiOperation({
    operationId: 'restartDataplane',
    summary: 'Restart a dataplane',
    description:
      'Role: admin. A restart in progress that drains as long is joined; where it does not, the answer is 409. `GET /v1/restarts/{id}` follows it to its end.',
  })
  @ApiBody({ schema: openApiSchema(restartBody), required: false })
  @ApiAcceptedResponse(documented(restartAccepted, 'The restart.', 'Location'))
  @documentedErrors(400, 401, 403, 404, 409, 413, 415, 422, 503, 504)
  async restart(
    @Param('name') name: string,
    @Body({ schema: restartBody.optional() }) body: RestartBody | undefined,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RestartEntry & { joined: boolean }> {
    const { data: checked, error } = idempotencyKey.safeParse(key);
    if (error)
      throw new ApiError({
        status: 400,
        code: 'invalid_request',
        detail: `The Idempotency-Key ${error.issues[0]?.message ?? 'is not valid'}.`,
      });
    const { restart, joined } = await this.client.restart({
      dataplane: findDataplane(this.view, name).name,
      reason: body?.reason ?? null,
      drain_seconds: body?.drain_seconds ?? this.config.SIGNALBOX_RESTART_DRAIN_SECONDS,
      idempotency_key: checked ?? null,
      by: askedBy(request),
    });
    void reply.header('location', `/v1/restarts/${restart.id}`);
    return { ...restart, joined };
  }

  private present(record: DataplaneRecord): Dataplane {
    return presentDataplane(record, {
      primary: this.config.SIGNALBOX_PRIMARY_DATAPLANE,
      restarts: this.view.restartsOf(record.name),
    });
  }
}
