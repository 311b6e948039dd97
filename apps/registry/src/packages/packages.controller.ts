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
import { DeletePackageCommand } from './delete-package.command.js';
import { PatchPackageCommand } from './patch-package.command.js';
import { PutPackageCommand } from './put-package.command.js';

const BODY = { schema: orOfEarlierGateway(registryRequest) };

/** Requests that change a package. */
@Controller()
export class PackagesController {
  constructor(
    private readonly putPackage: PutPackageCommand,
    private readonly patchPackage: PatchPackageCommand,
    private readonly deletePackage: DeletePackageCommand,
  ) {}

  @MessagePattern(types.putPackage)
  onPutPackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.putPackage.execute({ request, context, action: 'put-package' });
  }

  @MessagePattern(types.patchPackage)
  onPatchPackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.patchPackage.execute({ request, context, action: 'patch-package' });
  }

  /** A reload does not change the configuration, so it is allowed while the configuration is frozen. */
  @MessagePattern(types.reloadPackage)
  onReloadPackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.patchPackage.reload({ request, context, action: 'reload-package', allowedWhenFrozen: true });
  }

  @MessagePattern(types.deletePackage)
  onDeletePackage(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<RegistryReply> {
    return this.deletePackage.execute({ request, context, action: 'delete-package' });
  }
}
