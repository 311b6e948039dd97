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
import { packageBody, packagePatch, registryPackage, type RegistryPackage } from '@signalbox/contracts/http';
import { registryRequestTypes as types, type RegistryReply } from '@signalbox/contracts/messages';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { documented, IfNoneMatch, openApiSchema } from '../http/docs/documented.js';
import { ApiError } from '../http/errors/api-error.js';
import { RegistryView } from './registry.view.js';
import { etagOf, pathName } from './path-name.js';
import { RegistryClient } from './registry-client.js';
import { IfMatch, mutationErrors, registryErrors } from './registry-docs.js';
import { projectIn, resourceNotFound } from './registry-errors.js';
import { reloadQuery, Reloading } from './reloading.js';
import { RegistryWritesGuard } from './registry-writes.js';
import { presentPackage } from './registry.presenter.js';
import { versionedAnswer } from './versioned-answer.js';

const packageQuery = reloadQuery.extend({
  versionId: z.string().optional().describe('Not supported: the answer is 501'),
});

@ApiTags('registry')
@Controller('api/v0/projects/:project/packages')
export class PackagesController {
  constructor(
    private readonly view: RegistryView,
    private readonly registry: RegistryClient,
    private readonly reloading: Reloading,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listPackages',
    summary: 'List the packages of a project',
    description: 'Role: member. By name; those that could be loaded.',
  })
  @ApiOkResponse(documented(z.array(registryPackage), 'The packages.'))
  @registryErrors(400, 401, 403, 404, 503)
  list(@Param('project') project: string): RegistryPackage[] {
    return projectIn(this.view, pathName(project, 'project')).packages.map(presentPackage);
  }

  @Post()
  @HttpCode(200)
  @UseGuards(RegistryWritesGuard)
  @ApiOperation({
    operationId: 'putPackage',
    summary: 'Add or reload a package',
    description: 'Role: manager. It is read from its location; nothing is changed there.',
  })
  @ApiBody({ schema: openApiSchema(packageBody) })
  @ApiOkResponse(documented(registryPackage, 'The package as it is now.', 'ETag'))
  @mutationErrors()
  async put(
    @Param('project') project: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistryPackage> {
    return packageOf(
      await this.registry.change(types.putPackage, { request, project: pathName(project, 'project'), body }),
      reply,
    );
  }

  @Get(':package')
  @IfNoneMatch()
  @ApiOperation({
    operationId: 'getPackage',
    summary: 'Show a package',
    description: 'Role: member; with `reload=true` manager, also while the configuration is frozen.',
  })
  @ApiOkResponse(documented(registryPackage, 'The package. Its ETag is of use in If-Match and If-None-Match.'))
  @registryErrors(400, 401, 403, 404, 501, 503, 504)
  async show(
    @Param('project') project: string,
    @Param('package') packageName: string,
    @Query({ schema: packageQuery }) { reload, versionId }: z.output<typeof packageQuery>,
    @Headers('if-none-match') known: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistryPackage | undefined> {
    const names = namesOf(project, packageName);
    if (versionId !== undefined)
      throw new ApiError({
        status: 501,
        code: 'not_implemented',
        detail: 'Versions of packages are not supported. Omit versionId to get the current package.',
      });
    if (reload === 'true')
      return packageOf(
        await this.reloading.reload(types.reloadPackage, { request, ...names }, { evenIfFrozen: true }),
        reply,
      );
    const entry = this.view.package(names.project, names.name);
    if (!entry) throw resourceNotFound(this.whyNot(names.project, names.name));
    return versionedAnswer(reply, { version: entry.version, body: presentPackage(entry), known });
  }

  @Patch(':package')
  @UseGuards(RegistryWritesGuard)
  @IfMatch()
  @ApiOperation({
    operationId: 'changePackage',
    summary: 'Change a package',
    description: 'Role: manager. Its description or location; it is loaded again.',
  })
  @ApiBody({ schema: openApiSchema(packagePatch) })
  @ApiOkResponse(documented(registryPackage, 'The package as it is now.', 'ETag'))
  @mutationErrors(412)
  async patch(
    @Param('project') project: string,
    @Param('package') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistryPackage> {
    return packageOf(
      await this.registry.change(types.patchPackage, { request, ...namesOf(project, name), body }),
      reply,
    );
  }

  @Delete(':package')
  @UseGuards(RegistryWritesGuard)
  @IfMatch()
  @ApiOperation({
    operationId: 'deletePackage',
    summary: 'Remove a package from its project',
    description: 'Role: manager. Nothing is deleted at its source.',
  })
  @ApiOkResponse({ description: 'The package is removed. The body is empty.' })
  @mutationErrors(412)
  async delete(
    @Param('project') project: string,
    @Param('package') name: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.registry.change(types.deletePackage, { request, ...namesOf(project, name) });
  }

  /** @throws ApiError 404 where there is not even the project */
  private whyNot(project: string, name: string): string {
    projectIn(this.view, project);
    const failed = this.view.loadErrors().find((error) => error.project === project && error.package === name);
    return failed
      ? `The package ${name} could not be loaded. ${failed.message}`
      : `The project ${project} has no package ${name}.`;
  }
}

const namesOf = (project: string, name: string): { project: string; name: string } => ({
  project: pathName(project, 'project'),
  name: pathName(name, 'package'),
});

function packageOf({ package: entry }: RegistryReply, reply: FastifyReply): RegistryPackage {
  if (!entry) throw new Error('the reply of the registry has no package');
  void reply.header('etag', etagOf(entry));
  return presentPackage(entry);
}
