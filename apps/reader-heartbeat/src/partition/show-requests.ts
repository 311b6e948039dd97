import { TRANSITIONS_SHOWN, type ShowReaderReply } from '@signalbox/contracts/messages';
import { describeError, settlesWithin, type Clock, type Logger } from '@signalbox/platform';
import { now } from '../liveness/now.js';
import type { Reader } from '../liveness/reader.js';
import { clockSkew, lastBeats } from '../liveness/recent-beats.rules.js';
import { unknownReader } from './forget-requests.js';
import type { ReaderRepository } from './persistence/reader.repository.js';
import type { TransitionRepository } from './persistence/transition.repository.js';
import type { ReaderPartition } from './reader-partition.js';

/** Requests are answered one after the other: one must not wait long for the database. */
const DATABASE_MS = 1_000;

export interface ShowRequestsOptions {
  /** Of the partition. */
  readonly number: number;
  readonly partition: Pick<ReaderPartition, 'shown' | 'endOf'>;
  readonly repository: Pick<ReaderRepository, 'configOf'>;
  readonly transitions: Pick<TransitionRepository, 'latest'>;
  /** Whether heartbeats can get through. */
  readonly isSilenceCounted: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Shows what no stream has of a reader. */
export class ShowRequests {
  /** Readings that were given up and have not ended. Until they have, the database is not asked again, and no answer waits for it. */
  private givenUp = 0;

  constructor(private readonly options: ShowRequestsOptions) {}

  /** @throws RequestRefused for an unknown reader */
  async answer(readerId: string): Promise<ShowReaderReply> {
    const { partition, clock } = this.options;
    const stored = await this.inTime(this.known(readerId));
    // It may have been forgotten or replaced meanwhile.
    const reader = this.known(readerId);
    const { unix, monotonic } = now(clock);
    const isSilenceCounted = this.options.isSilenceCounted();
    // While silence does not count, the end moves.
    const end = isSilenceCounted || reader.state === 'dead' ? partition.endOf(reader) : Infinity;
    return {
      state: reader.state === 'gone' ? 'dead' : reader.state,
      since: reader.since.unix,
      boot_id: reader.bootId,
      seq: reader.seq,
      silent_ms: Math.max(0, Math.round(monotonic - reader.receivedAt.monotonic)),
      is_silence_counted: isSilenceCounted,
      ends_at: end === Infinity ? null : unix + Math.round(end - monotonic),
      last_heartbeats: lastBeats(reader.recent).map(({ receivedAt, sentAt }) => ({
        received_at: receivedAt,
        sent_at: sentAt,
      })),
      clock_skew_ms: clockSkew(reader.recent),
      stored,
    };
  }

  private known(readerId: string): Reader {
    const reader = this.options.partition.shown(readerId);
    if (reader === undefined) throw unknownReader(readerId);
    return reader;
  }

  private async stored(reader: Reader): Promise<ShowReaderReply['stored']> {
    const { transitions } = this.options;
    const config = await this.configOf(reader);
    return { config, transitions: await transitions.latest(reader.readerId, TRANSITIONS_SHOWN) };
  }

  private async configOf({ readerId, configDigest, unstoredConfig }: Reader): Promise<Record<string, unknown> | null> {
    if (configDigest === null || unstoredConfig === null) return null;
    if (unstoredConfig !== undefined) return JSON.parse(unstoredConfig) as Record<string, unknown>;
    return this.options.repository.configOf(this.options.number, readerId);
  }

  /** Null where the database does not answer. */
  private async inTime(reader: Reader): Promise<ShowReaderReply['stored']> {
    const { clock, logger } = this.options;
    if (this.givenUp > 0) return null;
    const read = this.stored(reader).catch((error: unknown) => {
      logger.debug({ reason: describeError(error) }, 'configuration and history of a reader not read');
      return null;
    });
    if (await settlesWithin({ clock, ms: DATABASE_MS }, read)) return read;
    this.givenUp += 1;
    void read.then(() => (this.givenUp -= 1));
    return null;
  }
}
