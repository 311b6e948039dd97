import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  changeNoticeBody,
  notice,
  noticeList,
  scheduleNoticeBody,
  type ChangeNoticeBody,
  type Notice,
  type ScheduleNoticeBody,
} from '@signalbox/contracts/http';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documented, openApiSchema, serviceStatusErrors } from '../http/docs/documented.js';
import { ChangeNoticeCommand } from './change-notice.command.js';
import { noticeNotFound } from './notice-errors.js';
import { toNotice } from './notice.mapper.js';
import { NoticeRepository } from './notice.repository.js';
import { ScheduleNoticeCommand } from './schedule-notice.command.js';

@ApiTags('status')
@Controller('v1/notices')
export class NoticesController {
  constructor(
    private readonly notices: NoticeRepository,
    private readonly scheduleNotice: ScheduleNoticeCommand,
    private readonly changeNotice: ChangeNoticeCommand,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'scheduleNotice',
    summary: 'Schedule maintenance',
    description:
      'Role: manager. While it is active `GET /v1/status` shows it, and its components count at most as degraded.',
  })
  @ApiBody({ schema: openApiSchema(scheduleNoticeBody) })
  @ApiCreatedResponse(documented(notice, 'It is scheduled, or active from now on.'))
  @serviceStatusErrors(400, 401, 403, 409, 413, 415, 429, 503)
  schedule(
    @Body({ schema: scheduleNoticeBody }) body: ScheduleNoticeBody,
    @Req() request: FastifyRequest,
  ): Promise<Notice> {
    return this.scheduleNotice.execute(body, askedBy(request));
  }

  @Get()
  @ApiOperation({
    operationId: 'listNotices',
    summary: 'List maintenance',
    description: 'Role: member. At most 1,000, those that begin last first; also those that are over.',
  })
  @ApiOkResponse(documented(noticeList, 'The notices.'))
  @serviceStatusErrors(401, 403, 429, 503)
  async list(): Promise<{ data: Notice[] }> {
    const now = this.clock.now();
    return { data: (await this.notices.list()).map((row) => toNotice(row, now)) };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getNotice', summary: 'Show maintenance', description: 'Role: member.' })
  @ApiOkResponse(documented(notice, 'The notice.'))
  @serviceStatusErrors(401, 403, 404, 429, 503)
  async show(@Param('id') id: string): Promise<Notice> {
    const row = await this.notices.find(id);
    if (row === null) throw noticeNotFound(id);
    return toNotice(row, this.clock.now());
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'changeNotice',
    summary: 'Extend maintenance, or change its message',
    description: 'Role: manager.',
  })
  @ApiBody({ schema: openApiSchema(changeNoticeBody) })
  @ApiOkResponse(documented(notice, 'It is changed.'))
  @serviceStatusErrors(400, 401, 403, 404, 409, 413, 415, 429, 503)
  change(
    @Param('id') id: string,
    @Body({ schema: changeNoticeBody }) body: ChangeNoticeBody,
    @Req() request: FastifyRequest,
  ): Promise<Notice> {
    return this.changeNotice.change(id, body, askedBy(request));
  }

  @Post(':id/end')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'endNotice',
    summary: 'End maintenance now',
    description: 'Role: manager. One whose time has not begun is cancelled.',
  })
  @ApiOkResponse(documented(notice, 'It is over.'))
  @serviceStatusErrors(401, 403, 404, 409, 429, 503)
  end(@Param('id') id: string, @Req() request: FastifyRequest): Promise<Notice> {
    return this.changeNotice.end(id, askedBy(request));
  }
}
