import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { projectBody, registryProject, type RegistryProject } from '@signalbox/contracts/http';
import { registryRequestTypes as types, type RegistryReply } from '@signalbox/contracts/messages';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TakesLargeBody } from '../http/body-routes.js';
import { documented, IfNoneMatch, openApiSchema } from '../http/docs/documented.js';
import { RegistryView } from './registry.view.js';
import { etagOf, pathName } from './path-name.js';
import { DROPPED_HEADER, nameDropped } from './dropped-credentials.js';
import { RegistryClient } from './registry-client.js';
import { IfMatch, mutationErrors, registryErrors } from './registry-docs.js';
import { projectIn } from './registry-errors.js';
import { reloadQuery, Reloading } from './reloading.js';
import { RegistryWritesGuard } from './registry-writes.js';
import { presentProject } from './registry.presenter.js';
import { versionedAnswer } from './versioned-answer.js';

@ApiTags('registry')
@Controller('api/v0/projects')
export class ProjectsController {
  constructor(
    private readonly view: RegistryView,
    private readonly registry: RegistryClient,
    private readonly reloading: Reloading,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listProjects', summary: 'List projects', description: 'Role: member. By name.' })
  @ApiOkResponse(documented(z.array(registryProject), 'The projects, without credentials.'))
  @registryErrors(401, 403, 503)
  list(): RegistryProject[] {
    return this.view.trees().map(presentProject);
  }

  @Post()
  @HttpCode(200)
  @UseGuards(RegistryWritesGuard)
  @ApiOperation({
    operationId: 'putProject',
    summary: 'Create or update a project',
    description:
      'Role: manager. Under a name that is there already it is an update: what is left out stays. ' +
      '`connections` are from then on those of the body, each merged by its name, so that a credential that is left out stays and null removes a setting; ' +
      '`packages` are added to those there are.',
  })
  @TakesLargeBody()
  @ApiBody({ schema: openApiSchema(projectBody) })
  @ApiOkResponse(documented(registryProject, 'The project as it is now.', 'ETag', DROPPED_HEADER))
  @mutationErrors()
  async put(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistryProject> {
    return projectOf(await this.registry.change(types.putProject, { request, body }), reply);
  }

  @Get(':project')
  @IfNoneMatch()
  @ApiOperation({
    operationId: 'getProject',
    summary: 'Show a project',
    description:
      'Role: member; with `reload=true` manager: all its packages are loaded again. ' +
      'A package that cannot be loaded stays as it was, and `loadErrors` of the status has the reason.',
  })
  @ApiOkResponse(
    documented(registryProject, 'The project, without credentials. Its ETag is of use in If-Match and If-None-Match.'),
  )
  @registryErrors(400, 401, 403, 404, 503, 504)
  async show(
    @Param('project') project: string,
    @Query({ schema: reloadQuery }) { reload }: z.output<typeof reloadQuery>,
    @Headers('if-none-match') known: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistryProject | undefined> {
    const name = pathName(project, 'project');
    if (reload === 'true')
      return projectOf(
        await this.reloading.reload(types.reloadProject, { request, project: name }, { evenIfFrozen: false }),
        reply,
      );
    const tree = projectIn(this.view, name);
    return versionedAnswer(reply, { version: tree.project.version, body: presentProject(tree), known });
  }

  @Patch(':project')
  @UseGuards(RegistryWritesGuard)
  @IfMatch()
  @ApiOperation({
    operationId: 'changeProject',
    summary: 'Change a project',
    description: 'Role: manager. `readme`, and `connections` as with POST. Packages have routes of their own.',
  })
  @TakesLargeBody()
  @ApiBody({ schema: openApiSchema(projectBody) })
  @ApiOkResponse(documented(registryProject, 'The project as it is now.', 'ETag', DROPPED_HEADER))
  @mutationErrors(412)
  async patch(
    @Param('project') project: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistryProject> {
    return projectOf(
      await this.registry.change(types.patchProject, { request, project: pathName(project, 'project'), body }),
      reply,
    );
  }

  @Delete(':project')
  @UseGuards(RegistryWritesGuard)
  @IfMatch()
  @ApiOperation({
    operationId: 'deleteProject',
    summary: 'Delete a project',
    description: 'Role: manager. With its connections and packages; nothing is deleted at the sources of packages.',
  })
  @ApiOkResponse(documented(registryProject, 'The project as it was.'))
  @mutationErrors(412)
  async delete(@Param('project') project: string, @Req() request: FastifyRequest): Promise<RegistryProject> {
    return projectOf(
      await this.registry.change(types.deleteProject, { request, project: pathName(project, 'project') }),
    );
  }
}

function projectOf(answer: RegistryReply, reply?: FastifyReply): RegistryProject {
  const { tree } = answer;
  if (!tree) throw new Error('the reply of the registry has no project');
  void reply?.header('etag', etagOf(tree.project));
  if (reply) nameDropped(answer, reply);
  return presentProject(tree);
}
