import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  orOfEarlierGateway,
  registryRequest,
  registryRequestTypes as types,
  type ConnectionTestReply,
  type RegistryReply,
  type RegistryRequest,
} from '@signalbox/contracts/messages';
import { AmqpContext } from '@signalbox/nest-service';
import { CreateConnectionCommand } from './create-connection.command.js';
import { DeleteConnectionCommand } from './delete-connection.command.js';
import { PatchConnectionCommand } from './patch-connection.command.js';
import { TestConnectionQuery } from './test-connection.query.js';

const BODY = { schema: orOfEarlierGateway(registryRequest) };

/** Requests that change or test a connection. */
@Controller()
export class ConnectionsController {
  constructor(
    private readonly createConnection: CreateConnectionCommand,
    private readonly patchConnection: PatchConnectionCommand,
    private readonly deleteConnection: DeleteConnectionCommand,
    private readonly testConnection: TestConnectionQuery,
  ) {}

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
  onTestConnection(@Payload(BODY) request: RegistryRequest, @Ctx() context: AmqpContext): Promise<ConnectionTestReply> {
    return this.testConnection.execute(request, context);
  }
}
