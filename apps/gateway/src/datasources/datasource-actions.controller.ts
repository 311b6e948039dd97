import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  datasourceAttempts,
  datasourceBody,
  datasourceDetail,
  rotateSigningKeyBody,
  type DatasourceAttempts,
  type DatasourceBody,
  type DatasourceDetail,
} from '@signalbox/contracts/http';
import { datasourceRequestTypes as types } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { documented, openApiSchema } from '../http/docs/documented.js';
import { checkedBody } from './datasource-body.js';
import { DatasourceClient } from './datasource-client.js';
import { presentDetail } from './datasource-detail.presenter.js';
import { changeErrors, DATASOURCE_PATHS, datasourceErrors } from './datasource-docs.js';
import { DatasourceLookup } from './datasource-lookup.js';
import { inSeconds, presentDatasource } from './datasource.presenter.js';
import { DatasourcesView } from './datasources.view.js';
import { Verification } from './verification.js';

@ApiTags('datasources')
@Controller(DATASOURCE_PATHS.map((path) => `${path}/:id`))
export class DatasourceActionsController {
  constructor(
    private readonly lookup: DatasourceLookup,
    private readonly view: DatasourcesView,
    private readonly client: DatasourceClient,
    private readonly verification: Verification,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('detail')
  @ApiOperation({
    operationId: 'getDatasourceDetail',
    summary: 'Show the setup, the work and the freshness of a datasource',
    description:
      'Role: member. From memory. A route of its own: the documented datasource has a closed set of members, and its clients may refuse others.',
  })
  @ApiOkResponse(documented(datasourceDetail, 'The details. Times are Unix seconds; ages are those of the answer.'))
  @datasourceErrors(401, 403, 404, 429, 503)
  detail(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): DatasourceDetail {
    void reply.header('cache-control', 'no-store');
    return presentDetail(this.lookup.find(request, id), { now: this.clock.now(), stale: this.view.isStale });
  }

  @Get('attempts')
  @ApiOperation({
    operationId: 'listDatasourceAttempts',
    summary: 'List the latest polls and checks of a datasource',
    description: 'Role: member. The newest first. Asked of datasource-sync.',
  })
  @ApiOkResponse(documented(datasourceAttempts, 'The attempts.'))
  @datasourceErrors(401, 403, 404, 429, 503, 504)
  async attempts(@Param('id') id: string, @Req() request: FastifyRequest): Promise<DatasourceAttempts> {
    const { attempts } = await this.client.attempts({ request, id });
    return {
      object: 'list',
      data: attempts.map((each) => ({ object: 'datasource_attempt', ...each, at: inSeconds(each.at) })),
    };
  }

  @Post('verify')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'verifyDatasource',
    summary: 'Verify a datasource now',
    description:
      'Role: admin, with a secret key. The answer waits up to three seconds for the outcome; `…/detail` has the checks that failed.',
  })
  @ApiOkResponse(documented(datasourceBody, 'The datasource.'))
  @changeErrors(404, 409)
  async verify(@Param('id') id: string, @Req() request: FastifyRequest): Promise<DatasourceBody> {
    const reply = await this.client.change(types.verify, { request, id });
    return presentDatasource(await this.verification.outcomeOf(reply, request));
  }

  @Post('rotate_key')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateDatasourceKey',
    summary: 'Rotate the signing key of an endpoint',
    description:
      'Role: admin, with a secret key. Endpoint kind only; for a database send `POST /v1/datasources` with the new credentials. Requests are ' +
      'signed with both keys for some time, so that the endpoint can change over. The answer waits up to three seconds for a verification.',
  })
  @ApiBody({ schema: openApiSchema(rotateSigningKeyBody) })
  @ApiOkResponse(documented(datasourceBody, 'The datasource.'))
  @changeErrors(404)
  async rotateKey(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<DatasourceBody> {
    const checked = checkedBody(rotateSigningKeyBody, body);
    const reply = await this.client.change(types.rotateKey, { request, id, body: checked });
    return presentDatasource(await this.verification.outcomeOf(reply, request));
  }

  @Post('resync')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'resyncDatasource',
    summary: 'Read a datasource from the beginning',
    description:
      'Role: admin, with a secret key. All of it is published again: rows of a database as a new snapshot, events of an endpoint from its first ' +
      'cursor. `…/detail` shows the progress.',
  })
  @ApiAcceptedResponse(documented(datasourceBody, 'It has been begun.'))
  @changeErrors(404, 409)
  async resync(@Param('id') id: string, @Req() request: FastifyRequest): Promise<DatasourceBody> {
    return presentDatasource((await this.client.change(types.resync, { request, id })).datasource);
  }
}
