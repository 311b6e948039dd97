import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { jwkSet, type JwkSet } from '@signalbox/contracts/http';
import type { FastifyReply } from 'fastify';
import { notReady } from '../access/not-ready.js';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { TokensView } from './tokens.view.js';

/** A gateway may make a key at any time: who finds an unknown `kid` asks again. */
const CACHE_CONTROL = 'public, max-age=300';

@ApiTags('tokens')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly view: TokensView) {}

  @Get('jwks.json')
  @ApiOperation({
    operationId: 'getJwks',
    summary: 'The public keys that verify tokens',
    description: 'Public. RFC 7517; from memory.',
  })
  @ApiOkResponse(documented(jwkSet, 'The keys of all tokens that have not expired.'))
  @documentedErrors(503)
  show(@Res({ passthrough: true }) reply: FastifyReply): JwkSet {
    if (!this.view.hasSnapshot) throw notReady();
    void reply.header('cache-control', CACHE_CONTROL);
    return this.view.jwkSet;
  }
}
