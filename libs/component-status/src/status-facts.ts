import type { OwnedComponent } from './components.js';

/** What this process has received from the service that owns a component. */
export interface OwnerFacts {
  /** Ms since its last beacon or change; undefined: none was ever received. */
  readonly silentMs: number | undefined;
  /** Whether all of its state was received once. */
  readonly hasSnapshot: boolean;
  /** Whether nothing is known to be missing since then. */
  readonly isInStep: boolean;
  /** Where its state is in several streams: what was received of each. The rest is then as {@link ownerOfPartitions} says. */
  readonly partitions?: readonly PartitionFacts[];
}

/** What this process has received from the owner of a part of the state. */
export interface PartitionFacts extends Pick<OwnerFacts, 'silentMs' | 'hasSnapshot' | 'isInStep'> {
  readonly partition: number;
  readonly stream: string;
}

/** The last round trip of this process to a server it needs. */
export interface ProbeFacts {
  /** `blocked`: the server answers and takes nothing at present. */
  readonly result: 'passed' | 'failed' | 'blocked';
  /** Ms since the last one that passed; undefined: none has. */
  readonly passedMs: number | undefined;
  /** What the server said, without secrets. */
  readonly detail?: string;
}

export interface ApiFacts {
  readonly isStopping: boolean;
  /** The stream of the gateways: API keys, accounts and notices. */
  readonly stream: OwnerFacts;
}

/** Each reader is in one of the four: one that is flapping counts as that, whatever its state is now. */
export interface ReaderFacts {
  readonly loading: number;
  readonly live: number;
  readonly dead: number;
  readonly flapping: number;
  /** Some of those that are dead, the latest first. */
  readonly latestDead: readonly ReaderSince[];
  /** Some of those that are flapping, the latest first. */
  readonly latestFlapping: readonly ReaderSince[];
}

export interface ReaderSince {
  readonly id: string;
  /** Unix ms. */
  readonly since: number;
}

export interface RegistryFacts {
  /** Undefined until its state was received. */
  readonly state: 'initializing' | 'serving' | 'draining' | undefined;
  /** `at`: Unix ms. */
  readonly loadErrors: readonly { readonly subject: string; readonly message: string; readonly at: number }[];
}

export interface DataplaneFacts {
  readonly name: string;
  /** As it reported last; undefined: no report was received since this process started. */
  readonly state: string | undefined;
  /** Ms since that report. */
  readonly reportedMs: number | undefined;
  /** After which a report counts for nothing. */
  readonly timeoutMs: number;
  /** By route: `OK`, or why it is not reached. */
  readonly privateRoutes: Readonly<Record<string, string>>;
}

/** A datasource that is in trouble. No fact names a datasource, a host or an account: every account sees the status. */
export interface DatasourceTrouble {
  readonly trouble: 'rejected' | 'blocked' | 'stuck' | 'retrying';
  /** What it fails with: an item of its setup, the code of an error, or its kind. */
  readonly code: string;
  /** Failures since its last success. */
  readonly failures: number;
  /** Unix ms. */
  readonly since: number;
}

export interface DatasourceFacts {
  readonly total: number;
  /** Each that is in trouble once, with the worst of it. */
  readonly troubles: readonly DatasourceTrouble[];
}

/** Everything that the rules look at, as one process knows it at one time. */
export interface StatusFacts {
  /** Unix ms at which the facts were put together. */
  readonly at: number;
  readonly owners: Readonly<Record<OwnedComponent, OwnerFacts>>;
  readonly messaging: ProbeFacts;
  readonly storage: ProbeFacts;
  readonly api: ApiFacts;
  readonly readers: ReaderFacts;
  readonly registry: RegistryFacts;
  readonly dataplanes: readonly DataplaneFacts[];
  readonly datasources: DatasourceFacts;
}
