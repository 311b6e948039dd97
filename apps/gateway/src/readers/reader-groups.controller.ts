import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { inferenceStatus, readerGroups, type InferenceStatus, type ReaderGroups } from '@signalbox/contracts/http';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { readersUnknown } from './reader-errors.js';
import { ManagementAnswers } from './management-answers.js';
import { presentInferenceStatus } from './reader-groups.presenter.js';
import { ReadersView } from './readers.view.js';

@ApiTags('readers')
@Controller()
export class ReaderGroupsController {
  constructor(
    private readonly answers: ManagementAnswers,
    private readonly readers: ReadersView,
  ) {}

  @Get('reader_groups')
  @ApiOperation({
    operationId: 'listReaderGroups',
    summary: 'The readers of each consumer group',
    description: 'Role: admin. Readers that are loading or live. A reader of several groups is in each of them.',
  })
  @ApiOkResponse(documented(readerGroups, 'The groups that have such a reader.'))
  @documentedErrors(401, 403, 503)
  groups(): ReaderGroups {
    return this.answers.groups();
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
  @documentedErrors(401, 403, 503)
  inference(): InferenceStatus {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    return presentInferenceStatus(this.readers.entries());
  }
}
