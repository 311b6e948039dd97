import { Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiDefaultResponse, ApiFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { problemDetails, signedOut, type SignedOut } from '@signalbox/contracts/http';
import { LOGGER, PROBLEM_CONTENT_TYPE, type Logger } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Guesses } from '../access/guesses.js';
import { askedBy } from '../http/asked-by.js';
import { documented, documentedErrors, errorsAs, openApiSchema } from '../http/docs/documented.js';
import { withHeaders } from '../http/docs/response-headers.js';
import { ApiError } from '../http/errors/api-error.js';
import { CurrentSession } from '../sessions/current-session.js';
import { EndSessionCommand } from '../sessions/end-session.command.js';
import { BeginSignInCommand } from './begin-sign-in.command.js';
import { CompleteSignInCommand } from './complete-sign-in.command.js';
import { IdentityProvider } from './identity-provider.js';
import { sendFailed, sendSignedIn } from './sign-in.page.js';

const PAGE = { 'text/html': { schema: { type: 'string' } } } as const;

/** See `withPage`. */
const ERROR = { [PROBLEM_CONTENT_TYPE]: { schema: openApiSchema(problemDetails, 'output') }, ...PAGE };
const pageErrors = errorsAs(ERROR);

const signInQuery = z.object({
  return_to: z.string().default('/').describe('The path of this server that the browser goes to when it is signed in'),
});

/** RFC 6749 §4.1.2, RFC 9207. Other parameters of a provider have no meaning here. */
const callbackQuery = z.object({
  state: z.string().max(200),
  code: z.string().max(4_000).exactOptional(),
  error: z.string().max(200).exactOptional(),
  iss: z.string().max(2_000).exactOptional(),
});

@ApiTags('session')
@Controller('v1/session')
export class SignInController {
  constructor(
    private readonly beginSignIn: BeginSignInCommand,
    private readonly completeSignIn: CompleteSignInCommand,
    private readonly endSession: EndSessionCommand,
    private readonly current: CurrentSession,
    private readonly provider: IdentityProvider,
    private readonly guesses: Guesses,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get('sign-in')
  @ApiOperation({
    operationId: 'beginSignIn',
    summary: 'Sign in with a browser',
    description: 'Public. For people: opens the page of the identity provider. 404 where the deployment has none.',
  })
  @ApiFoundResponse({ description: 'To the identity provider.', headers: withHeaders('Location') })
  @ApiDefaultResponse({ description: 'Any other error.', content: ERROR })
  @pageErrors(400, 404, 502, 503)
  async begin(
    @Query({ schema: signInQuery }) { return_to }: z.output<typeof signInQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await withPage(request, reply, async () => {
      const { url, cookie } = await this.beginSignIn.execute(return_to);
      void reply.headers({ 'set-cookie': cookie, 'cache-control': 'no-store' }).redirect(url, 302);
    });
  }

  @Get('callback')
  @ApiOperation({
    operationId: 'completeSignIn',
    summary: 'Complete a sign-in',
    description: 'Public. The identity provider sends the browser here.',
  })
  @ApiOkResponse({ description: 'A page with the cookie of the session, which goes on to `return_to`.', content: PAGE })
  @pageErrors(400, 403, 404, 429, 502, 503)
  async complete(
    @Query({ schema: callbackQuery }) query: z.output<typeof callbackQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await withPage(request, reply, async () => {
      // A code is a credential: each wrong one costs the identity provider a request.
      this.guesses.count(request.ip);
      const { returnTo, cookies } = await this.completeSignIn.execute(query, request.headers.cookie, askedBy(request));
      this.guesses.takeBack(request.ip);
      void reply.header('set-cookie', cookies);
      sendSignedIn(reply, returnTo);
    });
  }

  @Post('sign-out')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'signOut',
    summary: 'Sign out',
    description: 'Role: member. Ends the session on every gateway. Needs `X-CSRF-Token`, as all changes by a session.',
  })
  @ApiOkResponse(documented(signedOut, 'The session is over.'))
  @documentedErrors(401, 403, 409, 429, 503)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SignedOut> {
    const found = this.current.of(request);
    if (found === undefined) throw notSignedIn();
    await this.endSession.execute(found.entry.id, askedBy(request));
    void reply.headers({ 'set-cookie': this.current.forget(), 'cache-control': 'no-store' });
    this.logger.info({ person: found.entry.person }, 'person signed out');
    return { end_session_url: (await this.provider.endSessionUrl()) ?? null };
  }
}

const notSignedIn = (): ApiError =>
  new ApiError({
    status: 409,
    code: 'not_signed_in',
    detail: 'This request was not identified by a session, so there is nothing to sign out of.',
    suggestion: 'An API key stops working when it is revoked: DELETE /v1/keys/{id}.',
  });

/** People see an error as a page, programs as they see all others. */
async function withPage(request: FastifyRequest, reply: FastifyReply, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError) || !request.headers.accept?.includes('text/html')) throw error;
    void reply.headers({ ...error.headers });
    sendFailed(reply, error, request.id);
  }
}
