import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { dataplaneCommandTypes, runCommand, type RunCommand } from '@signalbox/contracts/messages';
import { CommandPattern } from '@signalbox/nest-service';
import { OperationLog } from './operation-log.js';

@Controller()
export class OperationsController {
  constructor(private readonly log: OperationLog) {}

  /** The copy of a command to a dataplane. */
  @CommandPattern(dataplaneCommandTypes.run)
  onRun(@Payload({ schema: runCommand }) command: RunCommand): Promise<void> {
    return this.log.commandSent(command);
  }
}
