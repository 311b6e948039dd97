import { Inject, Injectable } from '@nestjs/common';
import {
  owners,
  type DataplaneFacts,
  type OwnedComponent,
  type OwnerFacts,
  type ReaderFacts,
  type RegistryFacts,
  type StatusFacts,
} from '@signalbox/component-status';
import {
  dataplaneStream,
  datasourcesStream,
  gatewayStream,
  readersStream,
  registryStream,
  type LoadErrorEntry,
} from '@signalbox/contracts/streams';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { Replicas } from '@signalbox/state-streams';
import type { Config } from '../config.js';
import { DataplaneView, type DataplaneRecord } from '../dataplanes/dataplane.view.js';
import { ConnectionChecks } from '../health/connection-checks.js';
import { Stopping } from '../health/stopping.js';
import { ReadersView } from '../readers/readers.view.js';
import { RegistryView } from '../registry/registry.view.js';

/** Enough to begin with; `GET /status` lists them all. */
const MOST_DEAD_SHOWN = 20;

const streams: Readonly<Record<OwnedComponent, string>> = {
  readers: readersStream(0).name,
  registry: registryStream.name,
  dataplane: dataplaneStream.name,
  datasources: datasourcesStream.name,
};

/** What this process knows now, from its replicas and its own checks: no query, no request. */
@Injectable()
export class CurrentFacts {
  private readerFacts: { readonly revision: number; readonly facts: ReaderFacts } | undefined;

  constructor(
    private readonly replicas: Replicas,
    private readonly checks: ConnectionChecks,
    private readonly stopping: Stopping,
    private readonly readers: ReadersView,
    private readonly registry: RegistryView,
    private readonly dataplanes: DataplaneView,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  read(): StatusFacts {
    return {
      at: this.clock.now(),
      owners: this.ownerFacts(),
      ...this.checks.probes,
      api: { isStopping: this.stopping.hasBegun, stream: this.factsOf(gatewayStream.name) },
      readers: this.readersNow(),
      registry: this.registryNow(),
      dataplanes: this.dataplanes.all().map((record) => this.dataplaneNow(record)),
    };
  }

  private ownerFacts(): Record<OwnedComponent, OwnerFacts> {
    const entries = (Object.keys(owners) as OwnedComponent[]).map((component): [OwnedComponent, OwnerFacts] => {
      return [component, this.factsOf(streams[component])];
    });
    return Object.fromEntries(entries) as Record<OwnedComponent, OwnerFacts>;
  }

  private factsOf(stream: string): OwnerFacts {
    const { silentMs, hadSnapshot: hasSnapshot, isInStep } = this.replicas.of(stream);
    return { silentMs, hasSnapshot, isInStep };
  }

  /** Sorted once a change: a hundred thousand may be dead. */
  private readersNow(): ReaderFacts {
    const revision = this.readers.stateRevision;
    if (this.readerFacts?.revision !== revision) this.readerFacts = { revision, facts: this.countReaders() };
    return this.readerFacts.facts;
  }

  private countReaders(): ReaderFacts {
    const dead = [...this.readers.inState('dead')].map(({ reader_id: id, since }) => ({ id, since }));
    const latestDead = dead.toSorted((a, b) => b.since - a.since).slice(0, MOST_DEAD_SHOWN);
    return { ...this.readers.count(), latestDead };
  }

  private registryNow(): RegistryFacts {
    const loadErrors = this.registry
      .loadErrors()
      .map((entry) => ({ subject: subjectOf(entry), message: entry.message, at: entry.at }));
    return { state: this.registry.service?.state, loadErrors };
  }

  private dataplaneNow({ name, report, ageMs }: DataplaneRecord): DataplaneFacts {
    return {
      name,
      state: report?.state,
      reportedMs: ageMs,
      timeoutMs: this.config.SIGNALBOX_DATAPLANE_TIMEOUT_MS,
      privateRoutes: report?.private_routes ?? {},
    };
  }
}

function subjectOf({ project, package: pkg, connection }: LoadErrorEntry): string {
  if (project === undefined) return 'the configuration file';
  if (pkg !== undefined) return `package ${project}/${pkg}`;
  return connection === undefined ? `project ${project}` : `connection ${project}/${connection}`;
}
