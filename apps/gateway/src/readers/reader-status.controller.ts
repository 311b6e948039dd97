import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readerStatus } from '@signalbox/contracts/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedFor } from '../http/caching/asked.js';
import { documented, IfNoneMatch, documentedErrors } from '../http/docs/documented.js';
import { HotRoutes } from '../http/hot-routes.js';
import { sendAnswer } from '../http/plain-answer.js';
import { ReaderStatusBody } from './reader-status.body.js';

@ApiTags('readers')
@Controller()
export class ReaderStatusController {
  constructor(
    private readonly body: ReaderStatusBody,
    hot: HotRoutes,
  ) {
    hot.add({
      path: '/status',
      prepare: (asked) => {
        const answer = body.now(asked);
        return answer && (() => answer);
      },
    });
  }

  @Get('status')
  @ApiOperation({
    operationId: 'getReaderStatus',
    summary: 'All readers and the configuration in force',
    description:
      'Role: admin. 200 means that this server runs; /healthz shows whether readers can serve. Each reader is in exactly one of ' +
      '`loading_readers`, `live_readers` and `dead_readers`, keyed by `reader_id`. Times are Unix seconds, intervals seconds. ' +
      'A change of a reader is shown at once, its heartbeats within a second. It is meant for up to about 100,000 readers (23 MB; gzip on request): ' +
      '`GET /v1/readers` lists more of them page by page, and counts them.',
  })
  @ApiOkResponse(documented(readerStatus, 'The readers as last known. `status` is null until they are known at all.'))
  @IfNoneMatch()
  @documentedErrors(401, 403, 503)
  async status(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.body.give(askedFor(request)));
  }
}
