import { Injectable } from '@nestjs/common';
import {
  ownerOfPartitions,
  type DataplaneFacts,
  type OwnedComponent,
  type OwnerFacts,
  type StatusFacts,
} from '@signalbox/component-status';
import {
  dataplaneStream,
  datasourcesStream,
  gatewayStream,
  readersStream,
  registryStream,
} from '@signalbox/contracts/streams';
import { FollowedStreams, Replicas, type FollowedStream } from '@signalbox/state-streams';
import { DataplaneReports } from './dataplane-reports.js';
import { DatasourceTroubles } from './datasource-troubles.js';
import { ReaderStates } from './reader-states.js';
import { Readers } from './readers/readers.js';
import { registryFacts } from './registry-facts.js';

/** What the streams say of the system. What a process sees by itself is not in it: its checks of the servers, its own state. */
export interface StreamFacts extends Pick<
  StatusFacts,
  'owners' | 'readers' | 'registry' | 'dataplanes' | 'datasources'
> {
  /** Of the stream of the gateways. */
  readonly gateways: OwnerFacts;
}

export interface FactOptions {
  /** After which the report of a dataplane counts for nothing. */
  readonly dataplaneTimeoutMs: number;
}

/**
 * What the rules of the components look at, from the streams that this process follows: no query, no request. Every process that
 * follows them finds the same.
 */
@Injectable()
export class FollowedFacts {
  private readonly registry: FollowedStream<typeof registryStream>;
  private readonly datasources: DatasourceTroubles;

  constructor(
    followed: FollowedStreams,
    private readonly replicas: Replicas,
    private readonly readers: Readers,
    private readonly readerStates: ReaderStates,
    private readonly reports: DataplaneReports,
  ) {
    this.registry = followed.follow(registryStream, { requiredForReadiness: false });
    followed.follow(gatewayStream, { requiredForReadiness: false });
    const { collections } = followed.follow(datasourcesStream, { requiredForReadiness: false });
    this.datasources = new DatasourceTroubles(collections.datasource);
  }

  read({ dataplaneTimeoutMs }: FactOptions): StreamFacts {
    return {
      owners: this.ownerFacts(),
      gateways: this.factsOf(gatewayStream.name),
      readers: this.readerStates.facts(),
      registry: registryFacts(this.registry),
      dataplanes: this.reports.names().map((name) => this.dataplane(name, dataplaneTimeoutMs)),
      datasources: this.datasources.facts(),
    };
  }

  private ownerFacts(): Record<OwnedComponent, OwnerFacts> {
    return {
      readers: this.readersOwner(),
      registry: this.factsOf(registryStream.name),
      dataplane: this.factsOf(dataplaneStream.name),
      datasources: this.factsOf(datasourcesStream.name),
    };
  }

  private readersOwner(): OwnerFacts {
    const partitions = Array.from({ length: this.readers.partitions }, (_, partition) => {
      const { name: stream } = readersStream(partition);
      return { partition, stream, ...this.factsOf(stream) };
    });
    return partitions.length === 1 ? this.factsOf(partitions[0]!.stream) : ownerOfPartitions(partitions);
  }

  private factsOf(stream: string): Omit<OwnerFacts, 'partitions'> {
    const { silentMs, hadSnapshot: hasSnapshot, isInStep } = this.replicas.of(stream);
    return { silentMs, hasSnapshot, isInStep };
  }

  private dataplane(name: string, timeoutMs: number): DataplaneFacts {
    const last = this.reports.of(name);
    return {
      name,
      state: last?.report.state,
      reportedMs: last?.ageMs,
      timeoutMs,
      privateRoutes: last?.report.private_routes ?? {},
    };
  }
}
