import type { Rule } from './rule.js';
import { apiRules } from './rules/api.js';
import { connectionRules } from './rules/connections.js';
import { dataplaneRules } from './rules/dataplanes.js';
import { datasourceRules } from './rules/datasources.js';
import { ownerRules } from './rules/owners.js';
import { partitionRules } from './rules/partitions.js';
import { readerRules } from './rules/readers.js';
import { registryRules } from './rules/registry.js';

/** Every rule; a component to which none applies is operational. */
export const rules: readonly Rule[] = [
  ...connectionRules,
  ...apiRules,
  ...ownerRules,
  ...partitionRules,
  ...readerRules,
  ...registryRules,
  ...dataplaneRules,
  ...datasourceRules,
];

const byId: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));

/** @throws Error for an unknown id */
export function ruleOf(id: string): Rule {
  const rule = byId.get(id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  return rule;
}

/** Where docs/operations.md describes the rule. */
export const anchorOf = (id: string): string => `rule-${id.replace('.', '-')}`;
