import {
  deadLettersTopology,
  exchanges,
  forgetReaderRequest,
  messageTypes,
  partitionKey,
  partitionRequestsQueue,
  readerRequestTypes,
  showReaderRequest,
  streamOwnerTopology,
  type ShowReaderReply,
} from '@signalbox/contracts/messages';
import { readersEntries, readersStream, type ReaderEntry, type ReadersSettings } from '@signalbox/contracts/streams';
import { Amqp, RequestRefused } from '@signalbox/messaging';
import { createLogger, Health, systemClock } from '@signalbox/platform';
import { StreamAnnouncer, StreamOwner } from '@signalbox/state-streams';

const logger = createLogger({ name: 'readers-owner', level: 'silent' });

/** A reader as a partition publishes it. */
export const readerEntry = (readerId: string, over: Partial<ReaderEntry> = {}): ReaderEntry => ({
  reader_id: readerId,
  state: 'live',
  consumer_name: readerId,
  consumer_groups: ['primary'],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  pids: [1],
  heartbeat_wait_interval: 10,
  received_at: Date.now(),
  since: Date.now(),
  boot_id: null,
  flapping_since: null,
  backend: null,
  ...over,
});

/** In place of reader-heartbeat: owns one partition, publishes what a test sets, and answers requests about it. */
export class ReadersOwner {
  /** The readers whose owner was asked about them, by type, in order. */
  readonly asked: (readonly [type: string, readerId: string])[] = [];
  private readonly stream: string;
  private readonly owner: StreamOwner<ReaderEntry | ReadersSettings>;
  private readonly announcer: StreamAnnouncer;

  private constructor(
    private readonly amqp: Amqp,
    private readonly partition: number,
    partitions: number,
  ) {
    this.stream = readersStream(partition).name;
    this.owner = new StreamOwner({
      stream: this.stream,
      epoch: Date.now(),
      entries: [[readersEntries.settings.key(), settingsOf(partitions)]],
    });
    this.announcer = new StreamAnnouncer({
      stream: this.stream,
      amqp,
      clock: systemClock,
      logger,
      health: new Health(),
    });
  }

  /** @param of how many partitions */
  static async start(
    url: string,
    { partition, of }: { readonly partition: number; readonly of: number },
  ): Promise<ReadersOwner> {
    const amqp = new Amqp({
      url,
      name: 'reader-heartbeat',
      logger,
      topology: streamOwnerTopology(),
      deadLetters: { exchange: deadLettersTopology.exchanges[0]!.name },
    });
    await amqp.open();
    const made = new ReadersOwner(amqp, partition, of);
    await made.listen();
    return made;
  }

  show(...entries: ReaderEntry[]): Promise<void> {
    return this.change(entries.map((each) => [each.reader_id, each]));
  }

  remove(...readerIds: string[]): Promise<void> {
    return this.change(readerIds.map((each) => [each, null]));
  }

  /** Heartbeats that change nothing else. */
  async beats(...beats: [readerId: string, receivedAt: number][]): Promise<void> {
    const { stream, epoch } = this.owner;
    const body = { stream, epoch, beats };
    await this.amqp.publisher.publish({
      exchange: exchanges.state.name,
      routingKey: stream,
      type: messageTypes.beats,
      body,
    });
  }

  /** Says how many partitions there are. */
  async count(partitions: number): Promise<void> {
    await this.commit([{ key: readersEntries.settings.key(), value: settingsOf(partitions) }]);
  }

  async close(): Promise<void> {
    this.announcer.disown();
    await this.amqp.close();
  }

  private change(changes: readonly [readerId: string, entry: ReaderEntry | null][]): Promise<void> {
    return this.commit(changes.map(([readerId, value]) => ({ key: readersEntries.reader.key(readerId), value })));
  }

  private async commit(changes: Parameters<typeof this.owner.commit>[0]): Promise<void> {
    const delta = this.owner.commit(changes);
    if (delta !== undefined) await this.announcer.announce(delta);
  }

  private async listen(): Promise<void> {
    this.announcer.own(this.owner);
    const queue = partitionRequestsQueue(this.partition, String(this.owner.epoch));
    await this.amqp.respond<unknown, unknown>({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.requests],
        queues: [queue],
        bindings: [{ exchange: exchanges.requests.name, queue: queue.name, key: partitionKey(this.partition) }],
      },
      schema: forgetReaderRequest.or(showReaderRequest),
      handler: ({ type, body }) =>
        type === readerRequestTypes.forget
          ? this.forget(forgetReaderRequest.parse(body).reader_id)
          : this.details(showReaderRequest.parse(body).id),
    }).ready;
  }

  /** As reader-heartbeat does, but answers before the delta arrives anywhere. */
  private forget(readerId: string): { seq: number } {
    this.asked.push(['forget', readerId]);
    if (this.reader(readerId).state !== 'dead') throw new RequestRefused('reader_not_dead', 'It is not dead.');
    void this.remove(readerId);
    return { seq: this.owner.seq };
  }

  private details(readerId: string): ShowReaderReply {
    this.asked.push(['show', readerId]);
    const { state, since, boot_id } = this.reader(readerId);
    return {
      state,
      since,
      boot_id,
      seq: null,
      silent_ms: 0,
      is_silence_counted: true,
      ends_at: null,
      last_heartbeats: [],
      clock_skew_ms: null,
      stored: { config: { partition: this.partition }, transitions: [] },
    };
  }

  private reader(readerId: string): ReaderEntry {
    const known = this.owner.get(readersEntries.reader.key(readerId));
    if (known === undefined || !('reader_id' in known))
      throw new RequestRefused('unknown_reader', `There is no reader ${readerId}.`);
    return known;
  }
}

const settingsOf = (partitions: number): ReadersSettings => ({
  heartbeat_check_interval: 1,
  reader_message_timeout_ms: 500,
  missed_beats: 3,
  partitions,
});
