import { Injectable } from '@nestjs/common';
import { datasourcesStream, type DatasourceEntry, type DatasourceService } from '@signalbox/contracts/streams';
import { FollowedStreams, Replicas, type CollectionIndex, type FollowedStream } from '@signalbox/state-streams';

/** The datasources of all accounts, each shown to its own only. */
@Injectable()
export class DatasourcesView {
  private readonly stream: FollowedStream<typeof datasourcesStream>;
  private readonly byAccount: CollectionIndex<DatasourceEntry>;

  constructor(
    streams: FollowedStreams,
    private readonly replicas: Replicas,
  ) {
    this.stream = streams.follow(datasourcesStream, { requiredForReadiness: false });
    this.byAccount = this.stream.collections.datasource.indexBy(({ account }) => account);
  }

  /** False until the first snapshot: until then it is not known here which datasources exist. */
  get hasSnapshot(): boolean {
    return this.stream.hasSnapshot;
  }

  /** Whether datasource-sync is down. After the first snapshot it may take some seconds until the first beacon. */
  get isOwnerDown(): boolean {
    const { silentMs, isOwnerAvailable } = this.replicas.of(datasourcesStream.name);
    return silentMs === undefined ? !this.hasSnapshot : !isOwnerAvailable;
  }

  /** Whether this is a former state: datasource-sync is down, or changes are missing here. */
  get isStale(): boolean {
    return this.isOwnerDown || !this.replicas.of(datasourcesStream.name).isInStep;
  }

  /** Undefined until the first snapshot. */
  get service(): DatasourceService | undefined {
    return this.stream.collections.service.get();
  }

  /** Grows with each change of any datasource. */
  get revision(): number {
    return this.stream.revision;
  }

  /** Of all accounts; undefined until the first snapshot. */
  get count(): number | undefined {
    return this.hasSnapshot ? this.stream.collections.datasource.size : undefined;
  }

  /** The newest first. */
  of(account: string): DatasourceEntry[] {
    return [...this.byAccount.get(account)].toSorted((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1));
  }

  /** Undefined also for a datasource of another account. */
  find(account: string, id: string): DatasourceEntry | undefined {
    const entry = this.stream.collections.datasource.get(id);
    return entry?.account === account ? entry : undefined;
  }

  /** Calls the listener after each change of a datasource. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    return this.stream.onChange(listener);
  }
}
