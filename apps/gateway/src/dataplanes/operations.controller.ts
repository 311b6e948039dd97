import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { operationList, runOperationBody } from '@signalbox/contracts/http';
import { operationId, type OperationRequest } from '@signalbox/contracts/messages';
import { operationEntry, type OperationEntry } from '@signalbox/contracts/streams';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';
import { ApiError } from '../http/errors/api-error.js';
import { Waiter } from '../http/waiter.js';
import { DataplaneClient } from './dataplane-client.js';
import { DataplaneCommands } from './dataplane-commands.js';
import { findDataplane, requireSnapshot } from './dataplane-lookup.js';
import { DataplaneView } from './dataplane.view.js';

/** How long the answer waits until this process shows the new operation. */
const SHOWN_WITHIN_MS = 2_000;

@ApiTags('dataplanes')
@Controller('v1/dataplanes/:name/operations')
export class OperationsController {
  constructor(
    private readonly view: DataplaneView,
    private readonly commands: DataplaneCommands,
    private readonly client: DataplaneClient,
    private readonly waiter: Waiter,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'runOperation',
    summary: 'Run an operation on a dataplane',
    description: 'Role: admin. It waits in a durable queue; one that is interrupted goes back to it.',
  })
  @ApiBody({ schema: openApiSchema(runOperationBody) })
  @ApiAcceptedResponse(documented(operationEntry, 'The operation, queued.', 'Location'))
  @documentedErrors(400, 401, 403, 404, 409, 413, 415, 503, 504)
  async run(
    @Param('name') name: string,
    @Body({ schema: runOperationBody }) body: OperationRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationEntry> {
    const {
      operation_id: id,
      dataplane: at,
      by,
      requested_at,
    } = await this.commands.run(findDataplane(this.view, name).name, body, request);
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

  @Get()
  @ApiOperation({
    operationId: 'listOperations',
    summary: 'List the operations of a dataplane',
    description: 'Role: member. The latest hundreds, the newest first.',
  })
  @ApiOkResponse(documented(operationList, 'The operations.'))
  @documentedErrors(401, 403, 404, 503)
  list(@Param('name') name: string): { data: OperationEntry[] } {
    return { data: this.view.operationsOf(findDataplane(this.view, name).name) };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getOperation', summary: 'Show an operation', description: 'Role: member.' })
  @ApiOkResponse(documented(operationEntry, 'The operation.'))
  @documentedErrors(401, 403, 404, 503)
  show(@Param('name') name: string, @Param('id') id: string): OperationEntry {
    requireSnapshot(this.view);
    findDataplane(this.view, name);
    const found = this.view.operation(id);
    if (found?.dataplane !== name) throw notFound(name, id);
    return found;
  }

  @Delete(':id')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'cancelOperation',
    summary: 'Cancel an operation',
    description:
      'Role: admin. One that waits is `cancelled` at once. One that runs is `cancelled` when its dataplane has ended it; until then its timeline ' +
      'ends with `cancelling`. One whose dataplane had run it to its end before it ' +
      'received that is `finished` or `failed` after all. One that has finished or failed is refused with 409.',
  })
  @ApiAcceptedResponse(documented(operationEntry, 'The operation as it is now.'))
  @documentedErrors(400, 401, 403, 404, 409, 429, 503, 504)
  async cancel(
    @Param('name') name: string,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
  ): Promise<OperationEntry> {
    findDataplane(this.view, name);
    if (!operationId.safeParse(id).success) throw notFound(name, id);
    return this.client.cancelOperation({ dataplane: name, operation_id: id, by: askedBy(request) });
  }
}

const notFound = (name: string, id: string): ApiError =>
  new ApiError({
    status: 404,
    code: 'operation_not_found',
    detail: `The dataplane ${name} has no operation ${id} among its latest.`,
  });
