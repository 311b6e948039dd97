import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { inferenceStatus, readerGroups } from '@signalbox/contracts/http';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedFor } from '../http/caching/asked.js';
import { documented, documentedErrors, IfNoneMatch } from '../http/docs/documented.js';
import { sendAnswer } from '../http/plain-answer.js';
import { ListAnswers } from './list-answers.js';
import { readersUnknown } from './reader-errors.js';
import { ManagementAnswers } from './management-answers.js';
import { inferenceStatusBody } from './reader-groups.presenter.js';
import { ReadersView } from './readers.view.js';

@ApiTags('readers')
@Controller()
export class ReaderGroupsController {
  private readonly inferenceBody: ListAnswers;

  constructor(
    private readonly answers: ManagementAnswers,
    private readonly readers: ReadersView,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.inferenceBody = new ListAnswers(clock, { readers, ...inferenceStatusBody });
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
  async groups(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.answers.groups(askedFor(request)));
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
  async inference(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    sendAnswer(reply, await this.inferenceBody.give(askedFor(request)));
  }
}
