import type { OperationRequest } from '@signalbox/contracts/messages';
import { workerData } from 'piscina';
import { hashTree } from './hash-tree.js';
import { profileTable } from './profile-table.js';

/** What every worker gets at its start. */
export interface WorkerSetup {
  /** The folder below which files may be read. */
  readonly files: string;
}

export interface WorkerTask {
  readonly request: OperationRequest;
  readonly maxFrameMb: number;
  readonly databaseUrl: string | undefined;
}

const { files } = workerData as WorkerSetup;

/** Runs one operation, in a thread of its own. */
export default function run({ request, maxFrameMb, databaseUrl }: WorkerTask): Promise<unknown> {
  if (request.kind === 'hash-tree') return hashTree({ root: files, path: request.path, maxFileMb: maxFrameMb });
  return profileTable({ databaseUrl, schema: request.schema, table: request.table, maxFrameMb });
}
