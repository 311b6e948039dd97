import { Body, Controller, Delete, Get, HttpCode, Param, Put, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { putTierBody, tier, tierList, type PutTierBody, type Tier } from '@signalbox/contracts/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';
import { askedBy } from '../http/asked-by.js';
import { DeleteTierCommand } from './delete-tier.command.js';
import { toTier } from './persistence/account.mapper.js';
import { TierRepository } from './persistence/tier.repository.js';
import { PutTierCommand } from './put-tier.command.js';

@ApiTags('accounts')
@Controller('v1/tiers')
export class TiersController {
  constructor(
    private readonly tiers: TierRepository,
    private readonly putTier: PutTierCommand,
    private readonly deleteTier: DeleteTierCommand,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listTiers',
    summary: 'List tiers',
    description: 'Role: admin. In the order of their names.',
  })
  @ApiOkResponse(documented(tierList, 'The tiers and their limits.'))
  @documentedErrors(401, 403, 429, 503)
  async list(): Promise<{ data: Tier[] }> {
    return { data: (await this.tiers.list()).map(toTier) };
  }

  @Put(':name')
  @ApiOperation({
    operationId: 'putTier',
    summary: 'Create or replace a tier',
    description: 'Role: admin. The limits apply at once, also in the hour that has begun.',
  })
  @ApiBody({ schema: openApiSchema(putTierBody) })
  @ApiOkResponse(documented(tier, 'It is replaced.'))
  @ApiCreatedResponse(documented(tier, 'It is created.'))
  @documentedErrors(400, 401, 403, 409, 413, 415, 429, 503)
  async put(
    @Param('name') name: string,
    @Body({ schema: putTierBody }) body: PutTierBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Tier> {
    const { tier: made, isNew } = await this.putTier.execute(name, body, askedBy(request));
    void reply.code(isNew ? 201 : 200);
    return made;
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteTier',
    summary: 'Delete a tier',
    description: 'Role: admin. Refused while an account has it.',
  })
  @ApiNoContentResponse({ description: 'The tier is deleted.' })
  @documentedErrors(401, 403, 404, 409, 429, 503)
  async delete(@Param('name') name: string, @Req() request: FastifyRequest): Promise<void> {
    await this.deleteTier.execute(name, askedBy(request));
  }
}
