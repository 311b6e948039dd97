import type { ForgetReaderRefusal, ForgetReaderReply } from '@signalbox/contracts/messages';
import { RequestRefused, Unavailable } from '@signalbox/messaging';
import { isUnavailable } from '@signalbox/persistence';
import type { Clock, Logger } from '@signalbox/platform';
import { now } from '../liveness/now.js';
import type { Reader } from '../liveness/reader.js';
import type { ReaderRepository } from './persistence/reader.repository.js';
import type { ReaderPartition } from './reader-partition.js';

/** Readers that were forgotten on request and are remembered as such, so that a repeated request is answered alike. */
const REMEMBERED = 1_000;

export interface ForgetRequestsOptions {
  /** Of the partition. */
  readonly number: number;
  readonly epoch: number;
  readonly partition: Pick<ReaderPartition, 'shown' | 'forgetting' | 'forget'>;
  readonly repository: Pick<ReaderRepository, 'write'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Forgotten {
  /** Of the request that forgot it. */
  readonly messageId: string | undefined;
  readonly seq: number;
}

/** Forgets dead readers on request. */
export class ForgetRequests {
  private readonly forgotten = new Map<string, Forgotten>();

  constructor(private readonly options: ForgetRequestsOptions) {}

  /** A request that is repeated, because its reply was lost, gets the reply again: the sender records what was forgotten for it. */
  async answer(readerId: string, messageId: string | undefined): Promise<ForgetReaderReply> {
    const { number, epoch, partition, repository, logger } = this.options;
    const dead = this.deadReader(readerId);
    if (!dead) return { seq: this.forgottenFor(readerId, messageId) };
    const transition = partition.forgetting(dead, now(this.options.clock));
    // First in the database: what is forgotten here must not return with the next take-over.
    const changes = { readers: [], forgotten: [readerId], transitions: [transition] };
    await repository.write(number, epoch, changes).catch((error: unknown) => {
      throw isUnavailable(error) ? new Unavailable('storage_unavailable', 'The database is unavailable.') : error;
    });
    // A heartbeat may have arrived meanwhile; then the reader is written again.
    const reader = this.deadReader(readerId);
    if (!reader) return { seq: null };
    logger.info({ reader_id: readerId }, 'dead reader forgotten on request');
    const seq = partition.forget(reader);
    this.remember(readerId, { messageId, seq });
    return { seq };
  }

  /** @returns undefined where it was forgotten before @throws RequestRefused */
  private deadReader(readerId: string): Reader | undefined {
    const reader = this.options.partition.shown(readerId);
    if (reader?.state === 'dead') return reader;
    if (reader) throw refused('reader_not_dead', this.presence(reader));
    if (this.forgotten.has(readerId)) return undefined;
    throw unknownReader(readerId);
  }

  private presence({ readerId, state, receivedAt }: Reader): string {
    const seconds = Math.max(0, Math.round((this.options.clock.monotonic() - receivedAt.monotonic) / 1_000));
    return `The reader ${readerId} is ${state}: its last heartbeat was received ${seconds} s ago.`;
  }

  private forgottenFor(readerId: string, messageId: string | undefined): number | null {
    const known = this.forgotten.get(readerId);
    return known?.messageId === messageId ? (known?.seq ?? null) : null;
  }

  private remember(readerId: string, forgotten: Forgotten): void {
    this.forgotten.set(readerId, forgotten);
    const [oldest] = this.forgotten.keys();
    if (this.forgotten.size > REMEMBERED && oldest !== undefined) this.forgotten.delete(oldest);
  }
}

export const unknownReader = (readerId: string): RequestRefused =>
  refused('unknown_reader', `There is no reader ${readerId.slice(0, 200)}.`);

const refused = (code: ForgetReaderRefusal, message: string): RequestRefused => new RequestRefused(code, message);
