import { registryStream } from '@signalbox/contracts/streams';
import type { ConfigProblem } from '../config-file/registry-config.rules.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';

/** Reports what could not be loaded: one load error for all problems of the same subject. */
export async function reportAll(tree: TreeTransaction, problems: readonly ConfigProblem[], at: number): Promise<void> {
  const bySubject = new Map<string, ConfigProblem>();
  for (const problem of problems) {
    const key = registryStream.entries.loadError.key(problem);
    const before = bySubject.get(key);
    bySubject.set(key, before ? { ...before, message: `${before.message} ${problem.message}` } : problem);
  }
  for (const problem of bySubject.values()) await tree.reportError(problem, at);
}
