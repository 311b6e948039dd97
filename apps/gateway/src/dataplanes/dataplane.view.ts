import { Inject, Injectable } from '@nestjs/common';
import { type DataplaneReport } from '@signalbox/contracts/messages';
import {
  dataplaneEntry,
  kindOfKey,
  operationEntry,
  restartEntry,
  streams,
  type DataplaneEntry,
  type JsonValue,
  type OperationEntry,
  type RestartEntry,
  type StreamChange,
  type StreamReport,
} from '@signalbox/contracts/streams';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { Config } from '../config.js';
import { putOrDelete } from '../replica/put-or-delete.js';
import type { ReplicaView } from '../replica/replica-view.js';

/** A dataplane as it is known here. */
export interface DataplaneRecord {
  readonly name: string;
  /** Of the life heard last. */
  readonly bootId: string;
  /** What is written down of it; undefined for the first moment, in which its queues may not be there yet either. */
  readonly entry: DataplaneEntry | undefined;
  /** Its last report; undefined where none was heard since this process started. */
  readonly report: DataplaneReport | undefined;
  /** Ms since its last report; undefined likewise. */
  readonly ageMs: number | undefined;
  /** Whether it said that it runs, and not too long ago. */
  readonly isHealthy: boolean;
}

/** Dataplanes, what is being done with them, and what they last said of themselves. */
@Injectable()
export class DataplaneView implements ReplicaView {
  readonly stream = streams.dataplane;
  readonly requiredForReadiness = false;
  private readonly dataplanes = new Map<string, DataplaneEntry>();
  private readonly reports = new Map<string, { report: DataplaneReport; heardAt: number }>();
  private readonly restarts = new Map<string, RestartEntry>();
  private readonly operations = new Map<string, OperationEntry>();
  private readonly listeners = new Set<() => void>();
  private known = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** False until the first snapshot: until then nobody knows here which dataplanes there are. */
  get hasSnapshot(): boolean {
    return this.known;
  }

  /** By name. */
  all(): DataplaneRecord[] {
    const names = new Set([...this.dataplanes.keys(), ...this.reports.keys()]);
    return [...names].toSorted((a, b) => (a < b ? -1 : 1)).flatMap((name) => this.dataplane(name) ?? []);
  }

  dataplane(name: string): DataplaneRecord | undefined {
    const entry = this.dataplanes.get(name);
    const heard = this.reports.get(name);
    const bootId = heard?.report.boot_id ?? entry?.boot_id;
    if (bootId === undefined) return undefined;
    const ageMs = heard && this.clock.monotonic() - heard.heardAt;
    const isHealthy =
      heard?.report.state === 'running' && ageMs !== undefined && ageMs <= this.config.SIGNALBOX_DATAPLANE_TIMEOUT_MS;
    return { name, bootId, entry, report: heard?.report, ageMs, isHealthy };
  }

  get primary(): DataplaneRecord | undefined {
    return this.dataplane(this.config.SIGNALBOX_PRIMARY_DATAPLANE);
  }

  restart(id: string): RestartEntry | undefined {
    return this.restarts.get(id);
  }

  /** The newest first. */
  restartsOf(dataplane: string): RestartEntry[] {
    return newestFirst([...this.restarts.values()].filter((restart) => restart.dataplane === dataplane));
  }

  operation(id: string): OperationEntry | undefined {
    return this.operations.get(id);
  }

  /** The newest first. */
  operationsOf(dataplane: string): OperationEntry[] {
    return newestFirst([...this.operations.values()].filter((operation) => operation.dataplane === dataplane));
  }

  /** Calls `listener` after each change of what is being done; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  reset(entries: Iterable<readonly [key: string, value: JsonValue]>): void {
    for (const map of [this.dataplanes, this.restarts, this.operations]) map.clear();
    for (const [key, value] of entries) this.put(key, value);
    this.known = true;
    this.tell();
  }

  changed(changes: readonly StreamChange[]): void {
    for (const { key, value } of changes) this.put(key, value);
    this.tell();
  }

  report({ report, age_ms }: StreamReport): void {
    const heardAt = this.clock.monotonic() - age_ms;
    const known = this.reports.get(report.dataplane);
    // Of somebody who has stopped hearing it and does not know.
    if (known && known.heardAt > heardAt) return;
    this.reports.set(report.dataplane, { report, heardAt });
  }

  private put(key: string, value: JsonValue | null): void {
    const id = key.slice(key.indexOf('/') + 1);
    switch (kindOfKey(key)) {
      case 'dataplane':
        putOrDelete(this.dataplanes, id, dataplaneEntry.safeParse(value).data);
        break;
      case 'restart':
        putOrDelete(this.restarts, id, restartEntry.safeParse(value).data);
        break;
      case 'operation':
        putOrDelete(this.operations, id, operationEntry.safeParse(value).data);
        break;
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function newestFirst<Task extends { readonly timeline: readonly { readonly at: number }[] }>(tasks: Task[]): Task[] {
  return tasks.toSorted((a, b) => (b.timeline[0]?.at ?? 0) - (a.timeline[0]?.at ?? 0));
}
