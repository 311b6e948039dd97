import type { ShowReaderReply } from '@signalbox/contracts/messages';
import { Unavailable } from '@signalbox/messaging';
import { isUnavailable } from '@signalbox/persistence';
import type { Reader } from '../liveness/reader.js';
import { unknownReader } from './forget-requests.js';
import type { ReaderRepository } from './persistence/reader.repository.js';
import type { ReaderPartition } from './reader-partition.js';

export interface ShowRequestsOptions {
  /** Of the partition. */
  readonly number: number;
  readonly partition: Pick<ReaderPartition, 'shown'>;
  readonly repository: Pick<ReaderRepository, 'configOf'>;
}

/** Shows what no stream has of a reader. */
export class ShowRequests {
  constructor(private readonly options: ShowRequestsOptions) {}

  /** @throws RequestRefused for an unknown reader @throws Unavailable without the database */
  async answer(readerId: string): Promise<ShowReaderReply> {
    const reader = this.options.partition.shown(readerId);
    if (reader === undefined) throw unknownReader(readerId);
    return { config: await this.configOf(reader) };
  }

  private async configOf({ readerId, configDigest, unstoredConfig }: Reader): Promise<ShowReaderReply['config']> {
    if (configDigest === null || unstoredConfig === null) return null;
    if (unstoredConfig !== undefined) return JSON.parse(unstoredConfig) as ShowReaderReply['config'];
    try {
      return await this.options.repository.configOf(this.options.number, readerId);
    } catch (error) {
      throw isUnavailable(error) ? new Unavailable('storage_unavailable', 'The database is unavailable.') : error;
    }
  }
}
