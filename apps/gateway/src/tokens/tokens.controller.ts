import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  createdToken,
  createTokenBody,
  tokenList,
  type CreatedToken,
  type CreateTokenBody,
  type Token,
} from '@signalbox/contracts/http';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';
import { IssueTokenCommand } from './issue-token.command.js';
import { toToken } from './persistence/token.mapper.js';
import { TokenRepository } from './persistence/token.repository.js';
import { RevokeTokenCommand } from './revoke-token.command.js';
import { mayManageAllTokens } from './token-owner.js';

@ApiTags('tokens')
@Controller('v1/tokens')
export class TokensController {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly issueToken: IssueTokenCommand,
    private readonly revokeToken: RevokeTokenCommand,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'createToken',
    summary: 'Issue a token of a key',
    description:
      'Role: member, for the key of the request; admin for any key. The token ends with its key. Only this answer contains it.',
  })
  @ApiBody({ schema: openApiSchema(createTokenBody), required: false })
  @ApiCreatedResponse(documented(createdToken, 'The token works from now on.'))
  @documentedErrors(400, 401, 403, 404, 409, 413, 415, 429, 503)
  issue(
    @Body({ schema: createTokenBody.optional() }) body: CreateTokenBody | undefined,
    @Req() request: FastifyRequest,
  ): Promise<CreatedToken> {
    // The route is not public: the caller is known.
    return this.issueToken.execute(body ?? {}, request.caller!, askedBy(request));
  }

  @Get()
  @ApiOperation({
    operationId: 'listTokens',
    summary: 'List tokens',
    description:
      'Role: member, those of the key of the request; admin: of all keys. At most 1,000 that have not expired.',
  })
  @ApiOkResponse(documented(tokenList, 'The tokens, the newest first, without the tokens themselves.'))
  @documentedErrors(401, 403, 429, 503)
  async list(@Req() { caller }: FastifyRequest): Promise<{ data: Token[] }> {
    const ofKey = mayManageAllTokens(caller!, 'access:read') ? undefined : caller!.id;
    return { data: (await this.tokens.list(new Date(this.clock.now()), ofKey)).map(toToken) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeToken',
    summary: 'Revoke a token',
    description: 'Role: member, of the key of the request; admin: of any key. It stops working at once and for good.',
  })
  @ApiNoContentResponse({ description: 'The token is revoked.' })
  @documentedErrors(401, 403, 404, 429, 503)
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    await this.revokeToken.execute(id, request.caller!, askedBy(request));
  }
}
