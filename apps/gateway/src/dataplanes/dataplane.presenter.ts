import type { Dataplane } from '@signalbox/contracts/http';
import type { RestartEntry } from '@signalbox/contracts/streams';
import type { DataplaneRecord } from './dataplane.view.js';

const RESTARTS_SHOWN = 10;

export function presentDataplane(
  record: DataplaneRecord,
  { primary, restarts }: { primary: string; restarts: readonly RestartEntry[] },
): Dataplane {
  const { name, bootId, entry, report, ageMs, isHealthy } = record;
  return {
    name,
    primary: name === primary,
    health: isHealthy ? 'healthy' : 'unhealthy',
    reason: isHealthy ? null : whyNot(record),
    last_report_age_ms: ageMs === undefined ? null : Math.round(ageMs),
    boot_id: bootId,
    first_seen_at: entry?.first_seen_at ?? null,
    up_since: entry?.up_since ?? null,
    report: report ?? null,
    restarts: restarts.slice(0, RESTARTS_SHOWN),
  };
}

function whyNot({ report, ageMs }: DataplaneRecord): string {
  if (!report || ageMs === undefined) return 'This gateway has received no report since it started.';
  if (report.state === 'running') return `Its last report is ${Math.round(ageMs / 1_000)} s old.`;
  const what = { starting: 'It is starting', draining: 'It is stopping and takes no work', stopped: 'It has stopped' }[
    report.state
  ];
  return report.reason === undefined ? `${what}.` : `${what}: ${report.reason}.`;
}
