import { quotaMessage, type Quotas } from '@signalbox/contracts/http';
import { refused } from '../requests/refusal.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';

/**
 * Refuses a transaction that makes more than a quota permits of what there was. To be called at its end: those that make more wait for each
 * other until they commit, so that two of them do not pass the limit together. What is more already may be changed, but not grow.
 * @throws RequestRefused: quota_exceeded
 */
export async function demandQuotas(tree: TreeTransaction, quotas: Quotas): Promise<void> {
  const grown = [...tree.growth].filter(([, by]) => by > 0);
  if (grown.length === 0) return;
  await tree.lockQuotas();
  const now = await tree.used();
  for (const [name, by] of grown) {
    const most = quotas[name];
    if (now[name] > most) throw refused('quota_exceeded', quotaMessage(name, { most, used: now[name] - by }));
  }
}
