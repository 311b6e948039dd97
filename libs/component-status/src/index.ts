export {
  componentNames,
  componentStatuses,
  owners,
  type ComponentName,
  type ComponentStatus,
  type OverallStatus,
  type OwnedComponent,
} from './components.js';
export { evaluate, type ActiveNotice } from './evaluate.js';
export type { Evidence, Finding, Rule } from './rule.js';
export { isStale, PROBE_STALE_MS } from './rules/connections.js';
export { RETRYING_LONG } from './rules/datasources.js';
export { ownerOfPartitions } from './rules/received.js';
export { anchorOf, ruleOf, rules } from './rules.js';
export type {
  ApiFacts,
  DataplaneFacts,
  DatasourceFacts,
  DatasourceTrouble,
  OwnerFacts,
  PartitionFacts,
  ProbeFacts,
  ReaderFacts,
  ReaderSince,
  RegistryFacts,
  StatusFacts,
} from './status-facts.js';
export type { Cause, ComponentReport, Reason, RuleReference, StatusReport } from './status-report.js';
