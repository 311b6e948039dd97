import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  orOfEarlierGateway,
  registryRequest,
  registryRequestTypes as types,
  type RegistryReply,
  type RegistryRequest,
} from '@signalbox/contracts/messages';
import { AmqpContext } from '@signalbox/nest-service';
import { DeleteProjectCommand } from './delete-project.command.js';
import { PatchProjectCommand } from './patch-project.command.js';
import { PutProjectCommand } from './put-project.command.js';
import { ReloadProjectCommand } from './reload-project.command.js';

const BODY = { schema: orOfEarlierGateway(registryRequest) };

/** Requests that change a project. */
@Controller()
export class ProjectsController {
  constructor(
    private readonly putProject: PutProjectCommand,
    private readonly patchProject: PatchProjectCommand,
    private readonly deleteProject: DeleteProjectCommand,
    private readonly reloadProject: ReloadProjectCommand,
  ) {}

  @MessagePattern(types.putProject)
  onPutProject(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.putProject.execute({ request, context, action: 'put-project' });
  }

  @MessagePattern(types.patchProject)
  onPatchProject(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.patchProject.execute({ request, context, action: 'patch-project' });
  }

  @MessagePattern(types.deleteProject)
  onDeleteProject(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.deleteProject.execute({ request, context, action: 'delete-project' });
  }

  @MessagePattern(types.reloadProject)
  onReloadProject(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.reloadProject.execute({ request, context, action: 'reload-project' });
  }
}
