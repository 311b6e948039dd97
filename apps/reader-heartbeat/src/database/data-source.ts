import { PartitionRow } from '../partition/persistence/partition.entity.js';
import { ReaderRow } from '../partition/persistence/reader.entity.js';
import { Readers1795219200000 } from './migrations/1795219200000-readers.js';

export const entities = [PartitionRow, ReaderRow];
export const migrations = [Readers1795219200000];
