import { PartitionRow } from '../partition/persistence/partition.entity.js';
import { ReaderConfigRow } from '../partition/persistence/reader-config.entity.js';
import { ReaderRow } from '../partition/persistence/reader.entity.js';
import { TransitionRow } from '../partition/persistence/transition.entity.js';
import { Readers1795219200000 } from './migrations/1795219200000-readers.js';
import { Flapping1795564800000 } from './migrations/1795564800000-flapping.js';
import { ReaderConfig1795996800000 } from './migrations/1795996800000-reader-config.js';
import { ReaderTransitions1795996800001 } from './migrations/1795996800001-reader-transitions.js';
import { Partitions1796428800000 } from './migrations/1796428800000-partitions.js';
import { Watermarks1796515200000 } from './migrations/1796515200000-watermarks.js';

export const entities = [PartitionRow, ReaderRow, ReaderConfigRow, TransitionRow];
export const migrations = [
  Readers1795219200000,
  Flapping1795564800000,
  ReaderConfig1795996800000,
  ReaderTransitions1795996800001,
  Partitions1796428800000,
  Watermarks1796515200000,
];
