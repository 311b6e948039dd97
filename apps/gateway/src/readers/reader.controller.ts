import { Controller, Delete, HttpCode, Param, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documentedErrors } from '../http/docs/documented.js';
import { StopReaderCommand } from './stop-reader.command.js';

@ApiTags('readers')
@Controller()
export class ReaderController {
  constructor(private readonly stopReader: StopReaderCommand) {}

  @Delete('reader/:reader_id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'stopReader',
    summary: 'Stop a reader that can be controlled',
    description:
      'Role: admin. Puts a durable command into the queue `reader.<reader_id>.control`, which a reader that can be controlled declares for itself. Its present ' +
      'incarnation (`boot_id`) stops and deregisters; the reader is shown until then, and a later incarnation ignores the command. 409 `reader_not_controllable` ' +
      'where there is no such queue. Slashes of an id may be sent as they are, or as `%2F`.',
  })
  @ApiParam({ name: 'reader_id', type: String, example: 'pool-a/llama-70b-0' })
  @ApiNoContentResponse({ description: 'The queue of the reader has the command.' })
  @documentedErrors(401, 403, 404, 409, 503, 504)
  async stop(@Param('reader_id') readerId: string, @Req() request: FastifyRequest): Promise<void> {
    await this.stopReader.execute(readerId, askedBy(request));
  }
}
