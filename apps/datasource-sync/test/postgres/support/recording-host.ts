import type { DatasourceChange } from '@signalbox/contracts/messages';
import { datasourceChange } from '@signalbox/contracts/messages';
import { systemClock, type JsonValue } from '@signalbox/platform';
import { collectLogs } from '@signalbox/testing';
import type { AttemptReport, ChangeBatch, FollowerHost, FollowerReport } from '../../../src/work/follower.js';
import { PublishRefused } from '../../../src/work/publish-refused.js';

type Row = Record<string, unknown>;

/** Stands for the process that publishes, and for a consumer that keeps a copy of the tables. */
export class RecordingHost implements FollowerHost {
  readonly clock = systemClock;
  private readonly logs = collectLogs();
  readonly logger = this.logs.logger;
  readonly lines = this.logs.lines;
  readonly changes: DatasourceChange[] = [];
  readonly attempts: AttemptReport[] = [];
  readonly states: FollowerReport[] = [];
  readonly tables = new Map<string, Map<string, Row>>();
  readonly releases: (string[] | null)[] = [];
  position: JsonValue = null;
  duplicates = 0;
  mostUnderWay = 0;
  /** Called before each batch; what it throws is that it was not published. */
  beforeBatch: () => void | Promise<void> = () => undefined;
  private readonly seen = new Set<string>();
  private underWay = 0;
  private run = 0;
  private isRefusing = false;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly keepChanges = true) {}

  publish(batch: ChangeBatch): Promise<void> {
    if (this.isRefusing) return Promise.reject(new PublishRefused('broker'));
    const { run } = this;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    const done = this.last
      .then(async () => {
        if (run !== this.run) throw new PublishRefused('broker');
        await this.permission();
        for (const { body } of batch.changes) this.take(body);
        if (batch.position !== undefined) this.position = structuredClone(batch.position);
      })
      .finally(() => (this.underWay -= 1));
    this.last = done.catch(() => undefined);
    return done;
  }

  /** What comes after a batch that was refused is refused too, until the follower has seen it. */
  private async permission(): Promise<void> {
    try {
      await this.beforeBatch();
    } catch (error) {
      this.run += 1;
      this.isRefusing = true;
      setImmediate(() => (this.isRefusing = false));
      throw error;
    }
  }

  report(state: FollowerReport): void {
    this.states.push(structuredClone(state));
  }

  attempt(attempt: AttemptReport): void {
    this.attempts.push(attempt);
  }

  released(left: string[] | null): void {
    this.releases.push(left);
  }

  get state(): FollowerReport | undefined {
    return this.states.at(-1);
  }

  rows(table: string): Row[] {
    return [...(this.tables.get(table)?.values() ?? [])];
  }

  private take(body: string): void {
    const parsed = JSON.parse(body) as DatasourceChange;
    const change = this.keepChanges ? datasourceChange.parse(parsed) : parsed;
    if (this.seen.has(change.id)) {
      this.duplicates += 1;
      return;
    }
    this.seen.add(change.id);
    if (this.keepChanges) this.changes.push(change);
    this.apply(change);
  }

  private apply({ op, table, key, before, after }: DatasourceChange): void {
    const copy = this.tables.get(table) ?? new Map<string, Row>();
    this.tables.set(table, copy);
    if (op === 'truncate') return copy.clear();
    const at = JSON.stringify(key ?? after ?? before);
    if (op === 'delete') return void copy.delete(at);
    const former =
      key && before ? JSON.stringify(Object.fromEntries(Object.keys(key).map((name) => [name, before[name]]))) : at;
    const known = copy.get(former) ?? copy.get(at);
    if (former !== at) copy.delete(former);
    copy.set(at, { ...known, ...after });
  }
}
