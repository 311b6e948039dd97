import { Controller, Delete, Get, HttpCode, Param, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { sessionList, type Session } from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { ApiError } from '../http/errors/api-error.js';
import { EndSessionCommand } from './end-session.command.js';
import { toSession } from './persistence/session.mapper.js';
import { SessionRepository } from './persistence/session.repository.js';

@ApiTags('session')
@Controller('v1/sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly endSession: EndSessionCommand,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listSessions',
    summary: 'List sessions',
    description: 'Role: admin. At most 1,000, the newest first.',
  })
  @ApiOkResponse(documented(sessionList, 'The sessions of people who are signed in.'))
  @documentedErrors(401, 403, 429, 503)
  async list(): Promise<{ data: Session[] }> {
    return { data: (await this.sessions.list()).map(toSession) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'endSession',
    summary: 'End a session',
    description: 'Role: admin. It stops working on every gateway.',
  })
  @ApiNoContentResponse({ description: 'The session is over.' })
  @documentedErrors(401, 403, 404, 429, 503)
  async end(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    if (await this.endSession.execute(id, askedBy(request))) return;
    throw new ApiError({
      status: 404,
      code: 'session_not_found',
      detail: `There is no session ${id}. It may have ended.`,
    });
  }
}
