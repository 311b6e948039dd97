import {
  componentNames,
  componentStatuses,
  worstOf,
  type ComponentName,
  type ComponentStatus,
  type OverallStatus,
} from './components.js';
import { freshnessOf } from './freshness.js';
import type { Rule } from './rule.js';
import { rules } from './rules.js';
import type { StatusFacts } from './status-facts.js';
import type { Cause, ComponentReport, Reason, RuleReference, StatusReport } from './status-report.js';

/** A maintenance that goes on: the named components count at most as degraded. */
export interface ActiveNotice {
  readonly id: string;
  readonly components: readonly ComponentName[];
}

export interface EvaluationOptions {
  /** Without one of these the overall status is critical. */
  readonly critical: readonly ComponentName[];
  readonly notices?: readonly ActiveNotice[];
}

interface Applied {
  readonly rule: Rule;
  readonly reason: Reason;
}

/** The state of every component with its reasons. The same facts give the same report, in whichever process. */
export function evaluate(facts: StatusFacts, { critical, notices = [] }: EvaluationOptions): StatusReport {
  const applied = apply(facts);
  const components = componentNames.map((component) => reportOf(component, { facts, applied, notices }));
  return {
    status: overallOf(components, critical),
    at: facts.at,
    components,
    causes: causesOf(applied),
  };
}

/** What applies, the worst first, each with its cause. */
function apply(facts: StatusFacts): Applied[] {
  const found = rules.flatMap((rule) => {
    const finding = rule.find(facts);
    return finding === undefined ? [] : [{ rule, finding }];
  });
  const byId = new Map(found.map(({ rule }) => [rule.id, rule]));
  return found
    .map(({ rule, finding }) => {
      const cause = causeOf(rule, byId);
      const reason: Reason = {
        rule: rule.id,
        status: rule.status,
        ...finding,
        ...(cause && { affected_by: referenceTo(cause) }),
      };
      return { rule, reason };
    })
    .toSorted((a, b) => rankOf(b.rule.status) - rankOf(a.rule.status));
}

/** Follows the explanations to the first that nothing explains. Rules explain those after them only, so this ends. */
function causeOf({ explainedBy = [] }: Rule, applied: ReadonlyMap<string, Rule>): Rule | undefined {
  const explanation = explainedBy.map((id) => applied.get(id)).find((rule) => rule !== undefined);
  return explanation && (causeOf(explanation, applied) ?? explanation);
}

function reportOf(
  component: ComponentName,
  {
    facts,
    applied,
    notices,
  }: {
    readonly facts: StatusFacts;
    readonly applied: readonly Applied[];
    readonly notices: readonly ActiveNotice[];
  },
): ComponentReport {
  const reasons = applied.filter(({ rule }) => rule.component === component).map(({ reason }) => reason);
  const status = worstOf(reasons.map((reason) => reason.status));
  const notice = notices.find(({ components }) => components.includes(component));
  return {
    component,
    status: notice && status === 'unavailable' ? 'degraded' : status,
    reasons,
    ...freshnessOf(component, facts),
    ...(notice && { notice_id: notice.id }),
  };
}

function overallOf(components: readonly ComponentReport[], critical: readonly ComponentName[]): OverallStatus {
  if (components.some(({ component, status }) => status === 'unavailable' && critical.includes(component)))
    return 'critical';
  return components.every(({ status }) => status === 'operational') ? 'operational' : 'degraded';
}

function causesOf(applied: readonly Applied[]): Cause[] {
  const effectsOf = (id: string): RuleReference[] =>
    applied.filter(({ reason }) => reason.affected_by?.rule === id).map(({ rule }) => referenceTo(rule));
  return applied
    .filter(({ reason }) => reason.affected_by === undefined)
    .map(({ rule, reason }) => ({ ...referenceTo(rule), sentence: reason.sentence, effects: effectsOf(rule.id) }));
}

const referenceTo = ({ component, id }: Rule): RuleReference => ({ component, rule: id });

const rankOf = (status: ComponentStatus): number => componentStatuses.indexOf(status);
