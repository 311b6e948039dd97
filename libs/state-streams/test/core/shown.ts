import type { ReplicaEffect } from '../../src/core/replica/replica-effect.js';

/** The content of a replica as its runner shows it: by the effects alone. */
export class Shown {
  content: ReadonlyMap<string, unknown> = new Map();
  private assembled = new Map<string, unknown>();

  perform(effect: ReplicaEffect): void {
    if (effect.type === 'assembled') {
      if (effect.isFirst) this.assembled = new Map();
      for (const { key, value } of effect.entries) this.assembled.set(key, value);
    }
    if (effect.type === 'reset') this.content = changed(this.assembled, effect.changes);
    if (effect.type === 'changed') this.content = changed(this.content, effect.changes);
  }
}

function changed(
  content: ReadonlyMap<string, unknown>,
  changes: readonly { key: string; value: unknown }[],
): ReadonlyMap<string, unknown> {
  const next = new Map(content);
  for (const { key, value } of changes) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  return next;
}
