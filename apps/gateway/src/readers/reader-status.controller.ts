import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readerStatus } from '@signalbox/contracts/http';
import type { FastifyReply } from 'fastify';
import { documented, IfNoneMatch, documentedErrors } from '../http/docs/documented.js';
import { HotRoutes, type HotRequest } from '../http/hot-routes.js';
import { cachedAnswer, sendAnswer, type PlainAnswer } from '../http/plain-answer.js';
import { ReaderStatusBody } from './reader-status.body.js';

@ApiTags('readers')
@Controller()
export class ReaderStatusController {
  constructor(
    private readonly body: ReaderStatusBody,
    hot: HotRoutes,
  ) {
    const answer = ({ ifNoneMatch }: HotRequest): PlainAnswer => cachedAnswer(body.now(), ifNoneMatch);
    hot.add({ path: '/status', prepare: () => answer });
  }

  @Get('status')
  @ApiOperation({
    operationId: 'getReaderStatus',
    summary: 'All readers and the configuration in force',
    description:
      'Role: admin. 200 means that this server runs; /healthz shows whether readers can serve. Each reader is in exactly one of ' +
      '`loading_readers`, `live_readers` and `dead_readers`, keyed by `reader_id`. Times are Unix seconds, intervals seconds.',
  })
  @ApiOkResponse(documented(readerStatus, 'The readers as last known. `status` is null until they are known at all.'))
  @IfNoneMatch()
  @documentedErrors(401, 403, 503)
  status(@Headers('if-none-match') known: string | undefined, @Res() reply: FastifyReply): void {
    sendAnswer(reply, cachedAnswer(this.body.now(), known));
  }
}
