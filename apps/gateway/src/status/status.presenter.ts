import { ruleOf, type ComponentReport, type Evidence, type StatusReport } from '@signalbox/component-status';
import type { StatusExplanation } from '@signalbox/contracts/http';

type Explained = StatusExplanation['data'];

/** Where this deployment runs, and which build. */
export interface Deployment {
  readonly version: string;
  readonly environment: string;
  readonly datacenter: string;
}

/** The body of `GET /v1/status/explain`. */
export function presentExplanation(
  { status, at, causes, components }: StatusReport,
  { version, environment, datacenter }: Deployment,
): StatusExplanation {
  return {
    success: true,
    message: describeCauses(causes),
    data: {
      status,
      version,
      timestamp: time(at),
      causes: causes.map(({ effects, ...cause }) => ({
        ...cause,
        remedy: ruleOf(cause.rule).remedy,
        documentation: `docs/operations.md#${anchorOf(cause.rule)}`,
        effects: [...effects],
      })),
      components: components.map(presentComponent),
    },
    metadata: { environment, datacenter },
  };
}

/** How a rule is found in docs/operations.md. */
export const anchorOf = (rule: string): string => `rule-${rule.replace('.', '-')}`;

function describeCauses(causes: StatusReport['causes']): string {
  const [worst, ...others] = causes;
  if (worst === undefined) return 'Every component is operational.';
  return others.length === 0 ? worst.sentence : `${worst.sentence} ${others.length} more below.`;
}

const presentComponent = ({ observed_at, reasons, ...rest }: ComponentReport): Explained['components'][number] => ({
  ...rest,
  observed_at: timeOrNull(observed_at),
  reasons: reasons.map(({ evidence, ...reason }) => ({ ...reason, evidence: evidence.map(presentEvidence) })),
});

const presentEvidence = ({
  observed_at,
  ...evidence
}: Evidence): Explained['components'][number]['reasons'][number]['evidence'][number] => ({
  ...evidence,
  observed_at: timeOrNull(observed_at),
});

const time = (at: number): string => new Date(at).toISOString();

const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at));
