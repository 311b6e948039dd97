import { Inject, Injectable } from '@nestjs/common';
import { METRICS, type Counter, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { DEATH_REASONS, type DeathReason, type JobPool } from '@signalbox/sandbox';
import { JOB_KINDS, type JobKind } from './job-kinds.js';

export const jobs = {
  name: 'signalbox_registry_jobs',
  help: 'Connection tests (`connection_test`, `duckdb`), repositories (`git`) and manifests of packages (`manifest`) that are `running` in processes made for them, or `waiting`.',
  labels: ['kind', 'state'],
} as const satisfies MetricDefinition;

export const jobDeaths = {
  name: 'signalbox_registry_job_deaths_total',
  help: 'Jobs whose process was ended by what a stranger sent: `crashed`, `hung` (too much time or CPU time), `out_of_memory`, `not_started`, `misbehaved`.',
  labels: ['kind', 'reason'],
} as const satisfies MetricDefinition;

export const jobsRefused = {
  name: 'signalbox_registry_jobs_refused_total',
  help: 'Jobs that were refused because as many as may be were running or waiting, in all or of their caller.',
  labels: ['kind'],
} as const satisfies MetricDefinition;

@Injectable()
export class JobMetrics {
  private readonly pools = new Map<JobKind, JobPool>();
  private readonly deaths: Counter<'kind' | 'reason'>;
  private readonly refusals: Counter<'kind'>;

  constructor(@Inject(METRICS) metrics: Metrics) {
    this.deaths = metrics.counter(jobDeaths);
    this.refusals = metrics.counter(jobsRefused);
    for (const kind of JOB_KINDS) {
      this.refusals.of({ kind });
      for (const reason of DEATH_REASONS) this.deaths.of({ kind, reason });
    }
    metrics.gauge(jobs, () =>
      Array.from(this.pools).flatMap(([kind, { counts }]) => [
        { labels: { kind, state: 'running' }, value: counts.running },
        { labels: { kind, state: 'waiting' }, value: counts.waiting },
      ]),
    );
  }

  watch(kind: JobKind, pool: JobPool): void {
    this.pools.set(kind, pool);
  }

  died(kind: JobKind, reason: DeathReason): void {
    this.deaths.of({ kind, reason }).inc();
  }

  refused(kind: JobKind): void {
    this.refusals.of({ kind }).inc();
  }
}
