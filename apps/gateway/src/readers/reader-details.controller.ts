import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readerDetails, type ReaderDetails as Details } from '@signalbox/contracts/http';
import { CLOCK, type Clock } from '@signalbox/platform';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { presentReaderDetails } from './reader-details.presenter.js';
import { ReaderDetails } from './reader-details.js';
import { readerNotFound } from './reader-errors.js';
import { ReadersView } from './readers.view.js';

@ApiTags('readers')
@Controller('v1/readers')
export class ReaderDetailsController {
  constructor(
    private readonly details: ReaderDetails,
    private readonly readers: ReadersView,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'showReader',
    summary: 'One reader: why it is in its state, and its history',
    description:
      'Role: member. reader-heartbeat is asked for what no gateway keeps: the history, the last heartbeats and the skew of the clock. Where it does not answer, ' +
      'the rest is shown, and `note` says what is missing. Times are Unix ms. Slashes of an id may be sent as they are, or as `%2F`.',
  })
  @ApiOkResponse(documented(readerDetails, 'The reader.'))
  @documentedErrors(401, 403, 404, 503)
  async show(@Param('id') id: string): Promise<Details> {
    const shown = await this.details.ifAnswered(id);
    const record = this.readers.of(id);
    // It may have left the stream meanwhile.
    if (record === undefined) throw readerNotFound(id);
    return presentReaderDetails({ record, settings: this.readers.settings, shown, now: this.clock.now() });
  }
}
