import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { currentCaller, type CurrentCaller } from '@signalbox/contracts/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { CurrentSession } from './current-session.js';
import { csrfTokenOf } from './session-secret.js';
import { SessionsView } from './sessions.view.js';

@ApiTags('session')
@Controller('v1/session')
export class CurrentSessionController {
  constructor(
    private readonly current: CurrentSession,
    private readonly sessions: SessionsView,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getSession',
    summary: 'Show who you are',
    description: 'Role: member. With the CSRF token of the session that the request was identified by.',
  })
  @ApiOkResponse(documented(currentCaller, 'The caller.'))
  @documentedErrors(401, 403, 429, 503)
  show(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): CurrentCaller {
    void reply.header('cache-control', 'no-store');
    // The route is not public: the caller is known.
    const { via, id, name, role, account } = request.caller!;
    const found = this.current.of(request);
    const session = found && {
      expires_at: new Date(found.entry.expires_at).toISOString(),
      idle_expires_at: new Date(this.sessions.idleEndOf(found.entry)).toISOString(),
      csrf_token: csrfTokenOf(found.secret),
    };
    return { via, id, name, role, account, session: session ?? null };
  }
}
