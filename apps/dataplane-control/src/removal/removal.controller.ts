import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  dataplaneRequestTypes,
  deleteDataplaneRequest,
  type DeleteDataplaneReply,
  type DeleteDataplaneRequest,
} from '@signalbox/contracts/messages';
import { AmqpContext } from '@signalbox/nest-service';
import { DeleteDataplaneCommand } from './delete-dataplane.command.js';

@Controller()
export class RemovalController {
  constructor(private readonly deleteDataplane: DeleteDataplaneCommand) {}

  @MessagePattern(dataplaneRequestTypes.deleteDataplane)
  onDelete(
    @Payload({ schema: deleteDataplaneRequest }) request: DeleteDataplaneRequest,
    @Ctx() context: AmqpContext,
  ): Promise<DeleteDataplaneReply> {
    return this.deleteDataplane.execute(request, context);
  }
}
