import { OutboxRelay, type OutboxRelayOptions } from '../outbox/outbox-relay.js';
import type { Query } from '../postgres/query.js';
import type { StreamChange } from './stream-change.js';
import { takeEpoch } from './stream-epoch.js';

type Entries = Iterable<readonly [key: string, value: NonNullable<unknown>]>;

/** The content of a stream at `seq`, at the beginning of an epoch. */
interface OwnedStream {
  readonly epoch: number;
  readonly seq: number;
  readonly entries: Entries;
}

type RelayOptions = OutboxRelayOptions<StreamChange[], OwnedStream>;

export interface StreamRelayOptions extends Pick<
  RelayOptions,
  'url' | 'schema' | 'logger' | 'clock' | 'onOwned' | 'onLost'
> {
  readonly stream: string;
  /** Reads the whole content of the stream. Runs in the transaction that takes the stream over: nothing is written meanwhile. */
  readonly load: (query: Query) => Promise<Entries>;
  /** Resolves when the broker has confirmed. Called for one delta at a time, in the order of `seq`; again for the same `seq` if it rejects. */
  readonly publish: (delta: { epoch: number; seq: number; changes: StreamChange[] }) => Promise<void>;
}

/**
 * Publishes the committed changes of a state stream. Of all processes that run a relay, one at a time owns the stream: it begins
 * a new epoch with the content it loads, and publishes in that epoch.
 */
export class StreamRelay {
  private readonly relay: OutboxRelay<StreamChange[], OwnedStream>;
  private epoch = 0;

  constructor(private readonly options: StreamRelayOptions) {
    const { stream, load: _load, publish, ...common } = options;
    this.relay = new OutboxRelay({
      ...common,
      channel: stream,
      takeOver: (query) => this.takeOver(query),
      publish: ({ seq, payload: changes }) => publish({ epoch: this.epoch, seq, changes }),
    });
  }

  /** Tries to own the stream from now on, and keeps trying. */
  start(): void {
    this.relay.start();
  }

  /** Finishes the publish in flight and lets another process own the stream. */
  stop(): Promise<void> {
    return this.relay.stop();
  }

  /**
   * Locks the row of the stream first: a writer that has not numbered its changes yet cannot commit before this transaction, so
   * what is loaded is the content at `seq`. It includes every row of the outbox, and the new epoch makes every replica ask for it.
   */
  private async takeOver(query: Query): Promise<OwnedStream> {
    const { stream, clock, load } = this.options;
    await query('BEGIN');
    const { epoch, seq } = await takeEpoch(query, { stream, nowMs: clock.now() });
    await query('DELETE FROM outbox WHERE stream = $1', [stream]);
    const entries = await load(query);
    await query('COMMIT');
    this.epoch = epoch;
    return { epoch, seq, entries };
  }
}
