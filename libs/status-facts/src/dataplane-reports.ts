import { Inject, Injectable } from '@nestjs/common';
import type { DataplaneReport } from '@signalbox/contracts/messages';
import { dataplaneStream, type StreamReport } from '@signalbox/contracts/streams';
import { CLOCK, type Clock } from '@signalbox/platform';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';

export interface LastReport {
  readonly report: DataplaneReport;
  /** Ms since it was received. */
  readonly ageMs: number;
}

/** The last report of each dataplane: none of before this process started. */
@Injectable()
export class DataplaneReports {
  private readonly stream: FollowedStream<typeof dataplaneStream>;
  private readonly reports = new Map<string, { report: DataplaneReport; receivedAt: number }>();
  /** When the dataplanes were removed that have not reported since, on the monotonic clock. */
  private readonly removedAt = new Map<string, number>();

  constructor(
    streams: FollowedStreams,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.stream = streams.follow(dataplaneStream, { requiredForReadiness: false });
    this.stream.onMessage(dataplaneStream.beside.report, (body) => this.take(body));
    this.stream.collections.dataplane.onRemoved(({ name }) => {
      this.reports.delete(name);
      this.removedAt.set(name, this.clock.monotonic());
    });
  }

  /** The names of all dataplanes that are known, in order: one may have reported and not be stored yet, or the other way round. */
  names(): string[] {
    const stored = [...this.stream.collections.dataplane.values()].map(({ name }) => name);
    return [...new Set([...stored, ...this.reports.keys()])].toSorted();
  }

  of(dataplane: string): LastReport | undefined {
    const last = this.reports.get(dataplane);
    return last && { report: last.report, ageMs: this.clock.monotonic() - last.receivedAt };
  }

  private take({ report, age_ms }: StreamReport): void {
    const receivedAt = this.clock.monotonic() - age_ms;
    const known = this.reports.get(report.dataplane);
    // Another process of dataplane-control may still repeat a report that is older than the one known here, or than the removal.
    if ((known?.receivedAt ?? this.removedAt.get(report.dataplane) ?? -Infinity) > receivedAt) return;
    this.removedAt.delete(report.dataplane);
    this.reports.set(report.dataplane, { report, receivedAt });
  }
}
