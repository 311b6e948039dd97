import { Injectable } from '@nestjs/common';
import { dataplaneStream, type OperationEntry } from '@signalbox/contracts/streams';
import { CommandTable } from '../commands/command-table.js';
import { OPERATION_ENDS } from './operation.rules.js';

@Injectable()
export class OperationRepository extends CommandTable<OperationEntry> {
  constructor() {
    super({ table: 'operation', keyOf: dataplaneStream.entries.operation.key, ends: OPERATION_ENDS });
  }
}
