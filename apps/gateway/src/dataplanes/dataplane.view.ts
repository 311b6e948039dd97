import { Inject, Injectable } from '@nestjs/common';
import { type DataplaneReport } from '@signalbox/contracts/messages';
import {
  dataplaneStream,
  type DataplaneEntry,
  type OperationEntry,
  type RestartEntry,
} from '@signalbox/contracts/streams';
import { CONFIG } from '@signalbox/platform';
import { FollowedStreams, type CollectionIndex, type FollowedStream } from '@signalbox/state-streams';
import { DataplaneReports } from '@signalbox/status-facts';
import type { Config } from '../config.js';

/** A dataplane as it is known here. */
export interface DataplaneRecord {
  readonly name: string;
  /** Of the incarnation that reported last. */
  readonly bootId: string;
  /** Its stored entry; undefined for a moment after its first report, when its queues may not exist yet either. */
  readonly entry: DataplaneEntry | undefined;
  /** Its last report; undefined if none was received since this process started. */
  readonly report: DataplaneReport | undefined;
  /** Ms since its last report; undefined likewise. */
  readonly ageMs: number | undefined;
  /** Whether its last report says that it runs, and is not too old. */
  readonly isHealthy: boolean;
}

/** Dataplanes with their last reports, restarts and operations. */
@Injectable()
export class DataplaneView {
  private readonly stream: FollowedStream<typeof dataplaneStream>;
  private readonly restartsByDataplane: CollectionIndex<RestartEntry>;
  private readonly operationsByDataplane: CollectionIndex<OperationEntry>;

  constructor(
    streams: FollowedStreams,
    private readonly reports: DataplaneReports,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.stream = streams.follow(dataplaneStream, { requiredForReadiness: false });
    const { restart, operation } = this.stream.collections;
    this.restartsByDataplane = restart.indexBy(({ dataplane }) => dataplane);
    this.operationsByDataplane = operation.indexBy(({ dataplane }) => dataplane);
  }

  /** False until the first snapshot: until then it is not known here which dataplanes exist. */
  get hasSnapshot(): boolean {
    return this.stream.hasSnapshot;
  }

  /** By name. */
  all(): DataplaneRecord[] {
    return this.reports.names().flatMap((name) => this.dataplane(name) ?? []);
  }

  dataplane(name: string): DataplaneRecord | undefined {
    const entry = this.stream.collections.dataplane.get(name);
    const last = this.reports.of(name);
    const bootId = last?.report.boot_id ?? entry?.boot_id;
    if (bootId === undefined) return undefined;
    const isHealthy = last?.report.state === 'running' && last.ageMs <= this.config.SIGNALBOX_DATAPLANE_TIMEOUT_MS;
    return { name, bootId, entry, report: last?.report, ageMs: last?.ageMs, isHealthy };
  }

  get primary(): DataplaneRecord | undefined {
    return this.dataplane(this.config.SIGNALBOX_PRIMARY_DATAPLANE);
  }

  restart(id: string): RestartEntry | undefined {
    return this.stream.collections.restart.get(id);
  }

  /** The latest hundreds that have ended, and all that have not. */
  restarts(): Iterable<RestartEntry> {
    return this.stream.collections.restart.values();
  }

  /** The newest first. */
  restartsOf(dataplane: string): RestartEntry[] {
    return newestFirst(this.restartsByDataplane.get(dataplane));
  }

  operation(id: string): OperationEntry | undefined {
    return this.stream.collections.operation.get(id);
  }

  /** The newest first. */
  operationsOf(dataplane: string): OperationEntry[] {
    return newestFirst(this.operationsByDataplane.get(dataplane));
  }

  /** Calls the listener after each change of a dataplane, restart or operation. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    return this.stream.onChange(listener);
  }
}

function newestFirst<Task extends { readonly timeline: readonly { readonly at: number }[] }>(
  tasks: Iterable<Task>,
): Task[] {
  return [...tasks].toSorted((a, b) => (b.timeline[0]?.at ?? 0) - (a.timeline[0]?.at ?? 0));
}
