import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import {
  dataplane,
  dataplaneList,
  operationList,
  restartAccepted,
  restartBody,
  type Dataplane,
  type RestartBody,
} from '@signalbox/contracts/http';
import { operationRequest, text, type OperationRequest } from '@signalbox/contracts/messages';
import { operationEntry, type OperationEntry, type RestartEntry } from '@signalbox/contracts/streams';
import { CONFIG } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';
import { ApiError } from '../http/errors/api-error.js';
import { DataplaneView, type DataplaneRecord } from './dataplane.view.js';
import { Waiter } from '../http/waiter.js';
import { DataplaneClient } from './dataplane-client.js';
import { askedBy, DataplaneCommands } from './dataplane-commands.js';
import { presentDataplane } from './dataplane.presenter.js';

const idempotencyKey = text({ max: 255 }).optional();
/** How long the answer waits until this process shows the new operation. */
const SHOWN_WITHIN_MS = 2_000;

@ApiTags('dataplanes')
@ApiSecurity('api-key')
@Controller('v1/dataplanes')
export class DataplanesController {
  constructor(
    private readonly view: DataplaneView,
    private readonly client: DataplaneClient,
    private readonly commands: DataplaneCommands,
    @Inject(CONFIG) private readonly config: Config,
    private readonly waiter: Waiter,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List dataplanes', description: 'Role: member. By name; all that ever reported.' })
  @ApiOkResponse(documented(dataplaneList, 'The dataplanes.'))
  @documentedErrors(401, 503)
  list(): { data: Dataplane[] } {
    this.requireSnapshot();
    return { data: this.view.all().map((record) => this.present(record)) };
  }

  @Get(':name')
  @ApiOperation({
    summary: 'Show a dataplane',
    description: 'Role: member. With its last report, which has the numbers behind `thread_pool_state`.',
  })
  @ApiOkResponse(documented(dataplane, 'The dataplane.'))
  @documentedErrors(401, 404, 503)
  show(@Param('name') name: string): Dataplane {
    return this.present(this.find(name));
  }

  @Post(':name/restarts')
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'The same key is the same restart, for a day' })
  @ApiOperation({
    summary: 'Restart a dataplane',
    description:
      'Role: admin. A restart in progress that drains as long is joined; where it does not, the answer is 409. `GET /v1/restarts/{id}` follows it to its end.',
  })
  @ApiBody({ schema: openApiSchema(restartBody), required: false })
  @ApiAcceptedResponse(documented(restartAccepted, 'The restart.'))
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
      dataplane: this.find(name).name,
      reason: body?.reason ?? null,
      drain_seconds: body?.drain_seconds ?? this.config.SIGNALBOX_RESTART_DRAIN_SECONDS,
      idempotency_key: checked ?? null,
      by: askedBy(request),
    });
    void reply.header('location', `/v1/restarts/${restart.id}`);
    return { ...restart, joined };
  }

  @Post(':name/operations')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Run an operation on a dataplane',
    description: 'Role: admin. It waits in a durable queue; one that is interrupted goes back to it.',
  })
  @ApiBody({ schema: openApiSchema(operationRequest) })
  @ApiAcceptedResponse(documented(operationEntry, 'The operation, queued.'))
  @documentedErrors(400, 401, 403, 404, 409, 413, 415, 503, 504)
  async run(
    @Param('name') name: string,
    @Body({ schema: operationRequest }) body: OperationRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationEntry> {
    const {
      operation_id: id,
      dataplane: at,
      by,
      requested_at,
    } = await this.commands.run(this.find(name).name, body, request);
    const { view } = this;
    await this.waiter.until(request, {
      ms: SHOWN_WITHIN_MS,
      isThere: () => view.operation(id) !== undefined,
      onChange: (listener) => view.onChange(listener),
    });
    void reply.header('location', `/v1/dataplanes/${name}/operations/${id}`);
    return (
      view.operation(id) ?? {
        id,
        dataplane: at,
        request: body,
        state: 'queued',
        requested_by: by,
        result: null,
        error: null,
        timeline: [{ state: 'queued', at: requested_at }],
      }
    );
  }

  @Get(':name/operations')
  @ApiOperation({
    summary: 'List the operations of a dataplane',
    description: 'Role: member. The latest hundreds, the newest first.',
  })
  @ApiOkResponse(documented(operationList, 'The operations.'))
  @documentedErrors(401, 404, 503)
  operations(@Param('name') name: string): { data: OperationEntry[] } {
    return { data: this.view.operationsOf(this.find(name).name) };
  }

  @Get(':name/operations/:id')
  @ApiOperation({ summary: 'Show an operation', description: 'Role: member.' })
  @ApiOkResponse(documented(operationEntry, 'The operation.'))
  @documentedErrors(401, 404, 503)
  operation(@Param('name') name: string, @Param('id') id: string): OperationEntry {
    const found = this.view.operation(id);
    if (found?.dataplane !== name)
      throw new ApiError({
        status: 404,
        code: 'operation_not_found',
        detail: `The dataplane ${name} has no operation ${id} among its latest.`,
      });
    return found;
  }

  /** @throws ApiError 404 */
  private find(name: string): DataplaneRecord {
    const found = this.view.dataplane(name);
    if (!found) this.requireSnapshot();
    if (!found)
      throw new ApiError({
        status: 404,
        code: 'dataplane_not_found',
        detail: `No dataplane ${name} has ever reported.`,
      });
    return found;
  }

  /** @throws ApiError 503 before the first snapshot */
  private requireSnapshot(): void {
    if (this.view.hasSnapshot) return;
    const detail =
      'This gateway has received nothing from dataplane-control yet and does not know which dataplanes exist.';
    throw new ApiError({
      status: 503,
      code: 'not_ready',
      detail,
      suggestion: 'Try again in a moment. If the error stays, check that dataplane-control runs.',
      headers: { 'retry-after': '2' },
    });
  }

  private present(record: DataplaneRecord): Dataplane {
    return presentDataplane(record, {
      primary: this.config.SIGNALBOX_PRIMARY_DATAPLANE,
      restarts: this.view.restartsOf(record.name),
    });
  }
}
