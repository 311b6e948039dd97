import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  apiKey,
  createdKey,
  createKeyBody,
  keyList,
  rotateKeyBody,
  type ApiKey,
  type CreatedKey,
  type CreateKeyBody,
  type RotateKeyBody,
} from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';
import { CreateKeyCommand } from './create-key.command.js';
import { keyNotFound } from './key-errors.js';
import { toApiKey } from './persistence/api-key.mapper.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';
import { RevokeKeyCommand } from './revoke-key.command.js';
import { RotateKeyCommand } from './rotate-key.command.js';
import { askedBy } from '../http/asked-by.js';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';

@ApiTags('keys')
@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly createKey: CreateKeyCommand,
    private readonly revokeKey: RevokeKeyCommand,
    private readonly rotateKey: RotateKeyCommand,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'createKey',
    summary: 'Create a key',
    description: 'Role: admin. Only this answer contains the key.',
  })
  @ApiBody({ schema: openApiSchema(createKeyBody) })
  @ApiCreatedResponse(documented(createdKey, 'The key works from now on.'))
  @documentedErrors(400, 401, 403, 409, 413, 415, 429, 503)
  create(@Body({ schema: createKeyBody }) body: CreateKeyBody, @Req() request: FastifyRequest): Promise<CreatedKey> {
    // The route is not public: the caller is known.
    return this.createKey.execute(body, request.caller!, askedBy(request));
  }

  @Get()
  @ApiOperation({
    operationId: 'listKeys',
    summary: 'List keys',
    description: 'Role: admin. At most 1,000, the newest first; revoked ones, which have `revoked_at`, come last.',
  })
  @ApiOkResponse(documented(keyList, 'The keys, without the keys themselves.'))
  @documentedErrors(401, 403, 429, 503)
  async list(): Promise<{ data: ApiKey[] }> {
    return { data: (await this.keys.list()).map(toApiKey) };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getKey', summary: 'Show a key', description: 'Role: admin.' })
  @ApiOkResponse(documented(apiKey, 'The key, without the key itself.'))
  @documentedErrors(401, 403, 404, 429, 503)
  async show(@Param('id') id: string): Promise<ApiKey> {
    const row = await this.keys.find(id);
    if (row === null) throw keyNotFound(id);
    return toApiKey(row);
  }

  @Post(':id/rotate')
  @ApiOperation({
    operationId: 'rotateKey',
    summary: 'Replace a key by a new one',
    description: 'Role: admin. The new key has the same rules. The other one works until the overlap is over.',
  })
  @ApiBody({ schema: openApiSchema(rotateKeyBody), required: false })
  @ApiCreatedResponse(documented(createdKey, 'The new key. It works from now on.'))
  @documentedErrors(400, 401, 403, 404, 409, 413, 415, 429, 503)
  rotate(
    @Param('id') id: string,
    @Body({ schema: rotateKeyBody.optional() }) body: RotateKeyBody | undefined,
    @Req() request: FastifyRequest,
  ): Promise<CreatedKey> {
    return this.rotateKey.execute(id, body ?? rotateKeyBody.parse({}), request.caller!, askedBy(request));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeKey',
    summary: 'Revoke a key',
    description: 'Role: admin. It stops working at once and for good.',
  })
  @ApiNoContentResponse({ description: 'The key is revoked.' })
  @documentedErrors(401, 403, 404, 409, 429, 503)
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    await this.revokeKey.execute(id, askedBy(request));
  }
}
