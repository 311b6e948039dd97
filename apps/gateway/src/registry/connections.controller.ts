import { Body, Controller, Delete, Get, Headers, Param, Patch, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  connectionBody,
  connectionPatch,
  registryConnection,
  registryMessage,
  type RegistryConnection,
} from '@signalbox/contracts/http';
import { registryRequestTypes as types } from '@signalbox/contracts/messages';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { documented, IfNoneMatch, openApiSchema } from '../http/docs/documented.js';
import { DROPPED_HEADER, droppedSentence, nameDropped } from './dropped-credentials.js';
import { RegistryView } from './registry.view.js';
import { namesOfConnection, pathName } from './path-name.js';
import { RegistryClient } from './registry-client.js';
import { IfMatch, mutationErrors, registryErrors } from './registry-docs.js';
import { connectionIn, projectIn } from './registry-errors.js';
import { RegistryWritesGuard } from './registry-writes.js';
import { presentConnection } from './registry.presenter.js';
import { versionedAnswer } from './versioned-answer.js';

interface Message {
  message: string;
}

@ApiTags('registry')
@Controller('api/v0/projects/:project/connections')
export class ConnectionsController {
  constructor(
    private readonly view: RegistryView,
    private readonly registry: RegistryClient,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listConnections',
    summary: 'List the connections of a project',
    description: 'Role: member. By name.',
  })
  @ApiOkResponse(documented(z.array(registryConnection), 'The connections, without credentials.'))
  @registryErrors(400, 401, 403, 404, 503)
  list(@Param('project') project: string): RegistryConnection[] {
    return projectIn(this.view, pathName(project, 'project')).connections.map(presentConnection);
  }

  @Get(':connection')
  @IfNoneMatch()
  @ApiOperation({ operationId: 'getConnection', summary: 'Show a connection', description: 'Role: member.' })
  @ApiOkResponse(
    documented(
      registryConnection,
      'The connection, without credentials. Its ETag is of use in If-Match and If-None-Match.',
    ),
  )
  @registryErrors(400, 401, 403, 404, 503)
  show(
    @Param('project') project: string,
    @Param('connection') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): RegistryConnection | undefined {
    const entry = connectionIn(this.view, namesOfConnection(project, name));
    return versionedAnswer(reply, { version: entry.version, body: presentConnection(entry), known });
  }

  @Post(':connection')
  @UseGuards(RegistryWritesGuard)
  @ApiOperation({
    operationId: 'createConnection',
    summary: 'Create a connection',
    description:
      'Role: manager. Credentials are stored sealed and never shown again. As forms send it, a blank text counts as not given and digits as a number.',
  })
  @ApiBody({ schema: openApiSchema(connectionBody) })
  @ApiCreatedResponse(documented(registryMessage, 'The connection is created.'))
  @mutationErrors(409)
  async create(
    @Param('project') project: string,
    @Param('connection') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<Message> {
    await this.registry.change(types.createConnection, { request, ...namesOfConnection(project, name), body });
    return { message: `Connection ${name} was created.` };
  }

  @Patch(':connection')
  @UseGuards(RegistryWritesGuard)
  @IfMatch()
  @ApiOperation({
    operationId: 'changeConnection',
    summary: 'Change a connection',
    description:
      'Role: manager. Members that are left out or blank stay, credentials too; null removes a setting. Its type and name cannot be changed. ' +
      'Where the server or the account is changed (host, port, user, URL), stored credentials that the body does not give again are dropped, ' +
      'and the message says so.',
  })
  @ApiBody({ schema: openApiSchema(connectionPatch) })
  @ApiOkResponse(documented(registryMessage, 'The connection is changed.', DROPPED_HEADER))
  @mutationErrors(412)
  async patch(
    @Param('project') project: string,
    @Param('connection') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Message> {
    const names = namesOfConnection(project, name);
    const changed = await this.registry.change(types.patchConnection, { request, ...names, body });
    nameDropped(changed, reply);
    return { message: `Connection ${name} was updated.${droppedSentence(changed)}` };
  }

  @Delete(':connection')
  @UseGuards(RegistryWritesGuard)
  @IfMatch()
  @ApiOperation({
    operationId: 'deleteConnection',
    summary: 'Delete a connection',
    description: 'Role: manager. Its credentials go with it.',
  })
  @ApiOkResponse(documented(registryMessage, 'The connection is deleted.'))
  @mutationErrors(412)
  async delete(
    @Param('project') project: string,
    @Param('connection') name: string,
    @Req() request: FastifyRequest,
  ): Promise<Message> {
    await this.registry.change(types.deleteConnection, { request, ...namesOfConnection(project, name) });
    return { message: `Connection ${name} was deleted.` };
  }
}
