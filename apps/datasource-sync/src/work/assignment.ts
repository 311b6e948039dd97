import type { AllowedTargets } from '@signalbox/network-policy';
import type { JsonValue } from '@signalbox/platform';

export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** A database of a customer, with the credentials for it. */
export interface DirectSource {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly schema: string;
  readonly user: string;
  readonly password: string;
  readonly tls: TlsMode;
  /** PEM. */
  readonly caCertificate?: string;
  readonly publication: string;
  readonly slot: string;
}

/** An endpoint of a customer, with the keys that requests to it are signed with, the current one first. */
export interface EndpointSource {
  readonly url: string;
  readonly signingKeys: readonly string[];
}

interface AnyAssignment {
  /** Of the datasource. */
  readonly id: string;
  /** Grows each time another process takes the datasource over. */
  readonly fence: number;
  /** Another version of the same datasource replaces the work on the former one. */
  readonly version: number;
  readonly livemode: boolean;
  readonly targets: AllowedTargets;
  /**
   * `follow`: read and publish its changes; `watch`: publish nothing, and only look what it costs the source (a database that is paused);
   * `release`: remove what was made at the source (the slot), then report it; `rest`: do nothing.
   */
  readonly task: 'follow' | 'watch' | 'release' | 'rest';
  /** What the follower stored last, with a batch; null at the first time and after a resync. */
  readonly position: JsonValue;
  /** Grows with each resync: all that was read before is to be read again. */
  readonly generation: number;
}

export interface DirectAssignment extends AnyAssignment {
  readonly connection: 'direct';
  readonly source: DirectSource;
  /** The slot is dropped, and the datasource blocked, where the source has to keep more WAL for it. */
  readonly walLimitBytes: number;
}

export interface EndpointAssignment extends AnyAssignment {
  readonly connection: 'endpoint';
  readonly source: EndpointSource;
  readonly pollIntervalMs: number;
}

/** What a worker is to do for one datasource, with everything it needs. */
export type Assignment = DirectAssignment | EndpointAssignment;
