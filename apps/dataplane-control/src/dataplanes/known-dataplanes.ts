import { Injectable } from '@nestjs/common';
import type { DataplaneReport } from '@signalbox/contracts/messages';
import type { DataplaneEntry } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { editControl } from '../control-edit.js';
import { judgeReport, type Judgement, type Lives } from './judge-report.js';

interface Known {
  entry: DataplaneEntry;
  seq: number | undefined;
  readonly replaced: Set<string>;
}

/** The dataplanes that ever reported, and which life of each counts. */
@Injectable()
export class KnownDataplanes {
  private readonly known = new Map<string, Known>();

  constructor(private readonly database: Database) {}

  get names(): string[] {
    return [...this.known.keys()];
  }

  /** Reads what is stored. */
  async load(): Promise<void> {
    const { manager } = this.database.dataSource;
    const dataplanes = await manager.query<{ entry: DataplaneEntry }[]>('SELECT entry FROM dataplane');
    const lives = await manager.query<{ dataplane: string; boot_id: string }[]>('SELECT dataplane, boot_id FROM life');
    for (const { entry } of dataplanes) {
      const replaced = lives.filter(({ dataplane, boot_id }) => dataplane === entry.name && boot_id !== entry.boot_id);
      this.known.set(entry.name, { entry, seq: undefined, replaced: new Set(replaced.map(({ boot_id }) => boot_id)) });
    }
  }

  judge(report: DataplaneReport): Judgement {
    return judgeReport(this.livesOf(report.dataplane), report);
  }

  /** A report of the present life counts: what is not newer than it does not any more. */
  heard({ dataplane, seq }: DataplaneReport): void {
    const known = this.known.get(dataplane);
    if (known) known.seq = seq;
  }

  /**
   * From now on this life counts; it is kept before it is believed. What another process has written meanwhile counts, too.
   * @returns false where it was replaced already
   */
  async begin({ dataplane: name, boot_id, engine, seq }: DataplaneReport, at: number): Promise<boolean> {
    const { stored, replaced } = await editControl(this.database, async (edit) => {
      await edit.lock(name);
      const present = await edit.dataplane(name);
      const replaced = new Set(await edit.lives(name));
      if (present && (present.boot_id === boot_id || replaced.has(boot_id))) return { stored: present, replaced };
      const stored: DataplaneEntry = {
        name,
        boot_id,
        engine,
        first_seen_at: present?.first_seen_at ?? at,
        up_since: at,
      };
      await edit.putDataplane(stored);
      return { stored, replaced };
    });
    replaced.delete(stored.boot_id);
    const counts = stored.boot_id === boot_id;
    this.known.set(name, { entry: stored, seq: counts ? seq : undefined, replaced });
    return counts;
  }

  private livesOf(name: string): Lives | undefined {
    const known = this.known.get(name);
    return known && { present: known.entry.boot_id, seq: known.seq, replaced: known.replaced };
  }
}
