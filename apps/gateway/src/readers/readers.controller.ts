import { Controller, Delete, Get, HttpCode, Param, Query, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readerPage, readerQuery, type ReaderPage, type ReaderQuery } from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { ForgetReaderCommand } from './forget-reader.command.js';
import { ListReadersQuery } from './list-readers.query.js';

@ApiTags('readers')
@Controller('v1/readers')
export class ReadersController {
  constructor(
    private readonly listReaders: ListReadersQuery,
    private readonly forgetReader: ForgetReaderCommand,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listReaders',
    summary: 'List readers',
    description:
      'Role: member. Readers as last known, filtered and sorted, a page at a time, and how many there are by state, group, model, type and ' +
      'device. A reader is in the list if all given filters let it through. Times are Unix ms, intervals seconds.',
  })
  @ApiOkResponse(documented(readerPage, 'A page of the readers.'))
  @documentedErrors(400, 401, 403, 429, 503)
  list(@Query({ schema: readerQuery }) query: ReaderQuery): Promise<ReaderPage> {
    return this.listReaders.execute(query);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'forgetReader',
    summary: 'Forget a dead reader',
    description:
      'Role: admin. It is not shown any more on any gateway, and /healthz does not wait for it. A reader that is loading or live is refused ' +
      'with 409. One that publishes heartbeats again is shown again. Slashes of an id may be sent as they are, or as `%2F`.',
  })
  @ApiNoContentResponse({ description: 'The reader is forgotten; also where it was forgotten before.' })
  @documentedErrors(400, 401, 403, 404, 409, 429, 503, 504)
  async forget(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    await this.forgetReader.execute(id, askedBy(request));
  }
}
