import { Controller, Delete, HttpCode, Param, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documentedErrors } from '../http/docs/documented.js';
import { ForgetReaderCommand } from './forget-reader.command.js';

@ApiTags('readers')
@Controller('v1/readers')
export class ReadersController {
  constructor(private readonly forgetReader: ForgetReaderCommand) {}

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'forgetReader',
    summary: 'Forget a dead reader',
    description:
      'Role: admin. It is not shown any more on any gateway, and /healthz does not wait for it. A reader that is loading or live is refused ' +
      'with 409. One that publishes heartbeats again is shown again. Slashes of an id are sent as `%2F`.',
  })
  @ApiNoContentResponse({ description: 'The reader is forgotten; also where it was forgotten before.' })
  @documentedErrors(400, 401, 403, 404, 409, 429, 503, 504)
  async forget(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    await this.forgetReader.execute(id, askedBy(request));
  }
}
