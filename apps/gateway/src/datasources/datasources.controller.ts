import { Body, Controller, Delete, Get, Headers, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  datasourceBody,
  datasourceDisconnected,
  datasourceList,
  patchDatasourceBody,
  registerDatasourceBody,
  type DatasourceBody,
  type DatasourceDisconnected,
} from '@signalbox/contracts/http';
import { datasourceRequestTypes as types } from '@signalbox/contracts/messages';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { documented, IfNoneMatch, openApiSchema } from '../http/docs/documented.js';
import { cachedAnswer, sendAnswer } from '../http/plain-answer.js';
import { checkedBody, createBody } from './datasource-body.js';
import { DatasourceClient } from './datasource-client.js';
import { changeErrors, DATASOURCE_PATHS, datasourceErrors } from './datasource-docs.js';
import { DatasourceListBody } from './datasource-list.body.js';
import { DatasourceLookup } from './datasource-lookup.js';
import { presentDatasource } from './datasource.presenter.js';
import { Verification } from './verification.js';

@ApiTags('datasources')
@Controller(DATASOURCE_PATHS)
export class DatasourcesController {
  constructor(
    private readonly lookup: DatasourceLookup,
    private readonly bodies: DatasourceListBody,
    private readonly client: DatasourceClient,
    private readonly verification: Verification,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'createDatasource',
    summary: 'Register a datasource',
    description:
      'Role: admin, with a secret key. It is verified at once; the answer waits up to three seconds for the outcome. The mode of the key ' +
      'decides between live and sandbox. A database or endpoint that the account has registered already is updated: this is how the ' +
      'credentials of a database are rotated. Credentials are stored sealed and never shown again.',
  })
  @ApiBody({ schema: openApiSchema(registerDatasourceBody) })
  @ApiCreatedResponse(documented(datasourceBody, 'The datasource.', 'Location'))
  @changeErrors(409)
  async create(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasourceBody> {
    const created = await this.client.change(types.create, { request, body: createBody(body) });
    void reply.header('location', `/v1/datasources/${created.datasource.id}`);
    return presentDatasource(await this.verification.outcomeOf(created, request));
  }

  @Get()
  @ApiOperation({
    operationId: 'listDatasources',
    summary: 'List the datasources of the account',
    description: 'Role: member. From memory, the newest first: both kinds, live and sandbox. There are no pages.',
  })
  @ApiOkResponse(documented(datasourceList, 'The datasources.'))
  @IfNoneMatch()
  @datasourceErrors(401, 403, 429, 503)
  list(
    @Headers('if-none-match') known: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    sendAnswer(reply, cachedAnswer(this.bodies.of(this.lookup.accountOf(request)), known));
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getDatasource',
    summary: 'Retrieve a datasource',
    description: 'Role: member. From memory. A datasource of another account is not found.',
  })
  @ApiOkResponse(documented(datasourceBody, 'The datasource.'))
  @datasourceErrors(401, 403, 404, 429, 503)
  show(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): DatasourceBody {
    void reply.header('cache-control', 'no-store');
    return presentDatasource(this.lookup.find(request, id));
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'changeDatasource',
    summary: 'Change the metadata of a datasource, pause it or let it go on',
    description:
      'Role: admin, with a secret key. `metadata` replaces all of it. While a database is paused its slot keeps WAL, up to the limit.',
  })
  @ApiBody({ schema: openApiSchema(patchDatasourceBody) })
  @ApiOkResponse(documented(datasourceBody, 'The datasource as it is now.'))
  @changeErrors(404)
  async patch(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<DatasourceBody> {
    const checked = checkedBody(patchDatasourceBody, body);
    return presentDatasource((await this.client.change(types.patch, { request, id, body: checked })).datasource);
  }

  @Delete(':id')
  @ApiOperation({
    operationId: 'deleteDatasource',
    summary: 'Disconnect a datasource',
    description:
      'Role: admin, with a secret key. Nothing is read any more, and its replication slot is dropped. `left_behind` has the statements for ' +
      'what could not be removed, or is not ours to remove.',
  })
  @ApiOkResponse(documented(datasourceDisconnected, 'It is disconnected.'))
  @changeErrors(404)
  async delete(@Param('id') id: string, @Req() request: FastifyRequest): Promise<DatasourceDisconnected> {
    const { left_behind } = await this.client.change(types.delete, { request, id });
    return {
      object: 'datasource_disconnected',
      id,
      deleted: true,
      ...(left_behind && { left_behind }),
    };
  }
}
