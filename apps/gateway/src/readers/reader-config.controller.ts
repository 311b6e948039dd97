import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { readerConfiguration } from '@signalbox/contracts/http';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { ReaderDetails } from './reader-details.js';

@ApiTags('readers')
@Controller()
export class ReaderConfigController {
  constructor(private readonly details: ReaderDetails) {}

  @Get('config/:reader_id')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getReaderConfig',
    summary: 'The configuration of a reader, as it sent it',
    description:
      'Role: admin. What the present incarnation of the reader sent last as `config` of its heartbeats. It is `{}` where that sent none, or one of more ' +
      'than 16,384 bytes. Slashes of an id may be sent as they are, or as `%2F`. reader-heartbeat is asked for it: 503 or 504 where it does not answer.',
  })
  @ApiParam({ name: 'reader_id', type: String, example: 'pool-a/llama-70b-0' })
  @ApiOkResponse(documented(readerConfiguration, 'The configuration. Its members are those of the reader.'))
  @documentedErrors(401, 403, 404, 503, 504)
  config(@Param('reader_id') readerId: string): Promise<Record<string, unknown>> {
    return this.details.configOf(readerId);
  }
}
