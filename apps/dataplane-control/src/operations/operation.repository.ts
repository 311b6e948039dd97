import { Injectable } from '@nestjs/common';
import { operationKey, type OperationEntry } from '@signalbox/contracts/streams';
import { CommandTable } from '../commands/command-table.js';
import { OPERATION_ENDS } from './operation.rules.js';

@Injectable()
export class OperationRepository extends CommandTable<OperationEntry> {
  constructor() {
    super({ table: 'operation', keyOf: operationKey, ends: OPERATION_ENDS });
  }
}
