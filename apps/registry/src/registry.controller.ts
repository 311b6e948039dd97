import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  registryRequest,
  registryRequestTypes as types,
  type ConnectionTestReply,
  type RegistryReply,
  type RegistryRequest,
} from '@signalbox/contracts/messages';
import { AmqpContext } from '@signalbox/nest-service';
import { CreateConnectionCommand } from './connections/create-connection.command.js';
import { DeleteConnectionCommand } from './connections/delete-connection.command.js';
import { PatchConnectionCommand } from './connections/patch-connection.command.js';
import { TestConnectionQuery } from './connections/test-connection.query.js';
import { DeletePackageCommand } from './packages/delete-package.command.js';
import { PatchPackageCommand } from './packages/patch-package.command.js';
import { PutPackageCommand } from './packages/put-package.command.js';
import { DeleteProjectCommand } from './projects/delete-project.command.js';
import { PatchProjectCommand } from './projects/patch-project.command.js';
import { PutProjectCommand } from './projects/put-project.command.js';
import { ReloadProjectCommand } from './projects/reload-project.command.js';

const BODY = { schema: registryRequest };

/** What the registry can be asked to change, request by request. */
@Controller()
export class RegistryController {
  constructor(
    private readonly putProject: PutProjectCommand,
    private readonly patchProject: PatchProjectCommand,
    private readonly deleteProject: DeleteProjectCommand,
    private readonly reloadProject: ReloadProjectCommand,
    private readonly createConnection: CreateConnectionCommand,
    private readonly patchConnection: PatchConnectionCommand,
    private readonly deleteConnection: DeleteConnectionCommand,
    private readonly testConnection: TestConnectionQuery,
    private readonly putPackage: PutPackageCommand,
    private readonly patchPackage: PatchPackageCommand,
    private readonly deletePackage: DeletePackageCommand,
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

  @MessagePattern(types.createConnection)
  onCreateConnection(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.createConnection.execute({ request, context, action: 'create-connection' });
  }

  @MessagePattern(types.patchConnection)
  onPatchConnection(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.patchConnection.execute({ request, context, action: 'patch-connection' });
  }

  @MessagePattern(types.deleteConnection)
  onDeleteConnection(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.deleteConnection.execute({ request, context, action: 'delete-connection' });
  }

  @MessagePattern(types.testConnection)
  onTestConnection(@Payload(BODY) request: RegistryRequest): Promise<ConnectionTestReply> {
    return this.testConnection.execute(request);
  }

  @MessagePattern(types.putPackage)
  onPutPackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.putPackage.execute({ request, context, action: 'put-package' });
  }

  @MessagePattern(types.patchPackage)
  onPatchPackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.patchPackage.execute({ request, context, action: 'patch-package' });
  }

  /** What it is does not change by it, so it may be done while the configuration is frozen. */
  @MessagePattern(types.reloadPackage)
  onReloadPackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.patchPackage.reload({ request, context, action: 'reload-package', evenIfFrozen: true });
  }

  @MessagePattern(types.deletePackage)
  onDeletePackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.deletePackage.execute({ request, context, action: 'delete-package' });
  }
}
