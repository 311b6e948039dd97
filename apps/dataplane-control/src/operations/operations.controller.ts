import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  cancelOperationRequest,
  dataplaneCommandTypes,
  dataplaneRequestTypes,
  runCommand,
  type CancelOperationReply,
  type CancelOperationRequest,
  type RunCommand,
} from '@signalbox/contracts/messages';
import { CommandPattern } from '@signalbox/nest-service';
import { CancelOperationCommand } from './cancel-operation.command.js';
import { OperationLog } from './operation-log.js';

@Controller()
export class OperationsController {
  constructor(
    private readonly log: OperationLog,
    private readonly cancelOperation: CancelOperationCommand,
  ) {}

  @MessagePattern(dataplaneRequestTypes.cancelOperation)
  onCancel(
    @Payload({ schema: cancelOperationRequest }) request: CancelOperationRequest,
  ): Promise<CancelOperationReply> {
    return this.cancelOperation.execute(request);
  }

  /** The copy of a command to a dataplane. */
  @CommandPattern(dataplaneCommandTypes.run)
  onRun(@Payload({ schema: runCommand }) command: RunCommand): Promise<void> {
    return this.log.commandSent(command);
  }
}
