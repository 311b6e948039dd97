import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { inferenceStatus, readerGroups } from '@signalbox/contracts/http';
import type { FastifyReply } from 'fastify';
import { documented, documentedErrors, IfNoneMatch } from '../http/docs/documented.js';
import { cachedAnswer, sendAnswer } from '../http/plain-answer.js';
import { ListBody } from './list-body.js';
import { readersUnknown } from './reader-errors.js';
import { ManagementAnswers } from './management-answers.js';
import { inferenceStatusBody } from './reader-groups.presenter.js';
import { ReadersView } from './readers.view.js';

@ApiTags('readers')
@Controller()
export class ReaderGroupsController {
  private readonly inferenceBody: ListBody;

  constructor(
    private readonly answers: ManagementAnswers,
    private readonly readers: ReadersView,
  ) {
    this.inferenceBody = new ListBody({ readers, ...inferenceStatusBody });
  }

  @Get('reader_groups')
  @ApiOperation({
    operationId: 'listReaderGroups',
    summary: 'The readers of each consumer group',
    description: 'Role: admin. Readers that are loading or live. A reader of several groups is in each of them.',
  })
  @ApiOkResponse(documented(readerGroups, 'The groups that have such a reader.'))
  @IfNoneMatch()
  @documentedErrors(401, 403, 503)
  async groups(@Headers('if-none-match') known: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, cachedAnswer(await this.answers.groups(), known));
  }

  @Get('inference/status')
  @ApiOperation({
    operationId: 'getInferenceStatus',
    summary: 'The readers as clients of inference see them',
    description:
      'Role: member. Live and dead readers, keyed by `reader_id`, without process ids, names, heartbeats and configuration. ' +
      '`GET /status` of the original on its inference port.',
  })
  @ApiOkResponse(documented(inferenceStatus, 'The readers as last known.'))
  @IfNoneMatch()
  @documentedErrors(401, 403, 503)
  async inference(@Headers('if-none-match') known: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    sendAnswer(reply, cachedAnswer(await this.inferenceBody.now(), known));
  }
}
