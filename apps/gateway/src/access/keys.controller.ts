import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import {
  apiKey,
  createdKey,
  createKeyBody,
  keyList,
  type ApiKey,
  type CreatedKey,
  type CreateKeyBody,
} from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';
import { CreateKeyCommand } from './create-key.command.js';
import { toApiKey } from './persistence/api-key.mapper.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';
import { RevokeKeyCommand } from './revoke-key.command.js';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';
import { ApiError } from '../http/errors/api-error.js';

@ApiTags('keys')
@ApiSecurity('api-key')
@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly createKey: CreateKeyCommand,
    private readonly revokeKey: RevokeKeyCommand,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Create a key', description: 'Role: admin. Only this answer contains the key.' })
  @ApiBody({ schema: openApiSchema(createKeyBody) })
  @ApiCreatedResponse(documented(createdKey, 'The key works from now on.'))
  @documentedErrors(400, 401, 403, 409, 413, 415, 429, 503)
  create(@Body({ schema: createKeyBody }) body: CreateKeyBody, @Req() request: FastifyRequest): Promise<CreatedKey> {
    // The route is not public: the caller is known.
    return this.createKey.execute(body, request.caller!);
  }

  @Get()
  @ApiOperation({
    summary: 'List keys',
    description: 'Role: admin. At most 1,000, the newest first; revoked ones, which have `revoked_at`, come last.',
  })
  @ApiOkResponse(documented(keyList, 'The keys, without the keys themselves.'))
  @documentedErrors(401, 403, 429, 503)
  async list(): Promise<{ data: ApiKey[] }> {
    return { data: (await this.keys.list()).map(toApiKey) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a key', description: 'Role: admin.' })
  @ApiOkResponse(documented(apiKey, 'The key, without the key itself.'))
  @documentedErrors(401, 403, 404, 429, 503)
  async show(@Param('id') id: string): Promise<ApiKey> {
    const row = await this.keys.find(id);
    if (row === null) throw new ApiError({ status: 404, code: 'key_not_found', detail: `There is no key ${id}.` });
    return toApiKey(row);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key', description: 'Role: admin. It stops working at once and for good.' })
  @ApiNoContentResponse({ description: 'The key is revoked.' })
  @documentedErrors(401, 403, 404, 409, 429, 503)
  async revoke(@Param('id') id: string): Promise<void> {
    await this.revokeKey.execute(id);
  }
}
