import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { connection } from '@signalbox/contracts/http';
import { connectionTestReply, type ConnectionTestReply } from '@signalbox/contracts/messages';
import type { FastifyRequest } from 'fastify';
import { documented, openApiSchema } from '../http/docs/documented.js';
import { RegistryPresence } from './registry-presence.js';
import { RegistryClient } from './registry-client.js';
import { registryErrors } from './registry-docs.js';
import { notServing } from './registry-errors.js';

@ApiTags('registry')
@Controller('api/v0/connections')
export class ConnectionTestController {
  constructor(
    private readonly registry: RegistryClient,
    private readonly presence: RegistryPresence,
  ) {}

  @Post('test')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'testConnection',
    summary: 'Test a connection',
    description:
      'Role: manager. Really connects for postgres, mysql, trino and duckdb, within ten seconds and only where the deployment allows it; ' +
      'the warehouses of clouds are checked as far as possible without an account, and it says how far. ' +
      'Nothing is stored. Also while the configuration is frozen.',
  })
  @ApiBody({ schema: openApiSchema(connection) })
  @ApiOkResponse(documented(connectionTestReply, 'What came of it: `errorMessage` is empty when it connected.'))
  @registryErrors(400, 401, 403, 413, 415, 503, 504)
  test(@Body() body: unknown, @Req() request: FastifyRequest): Promise<ConnectionTestReply> {
    if (this.presence.isStale) throw notServing('The registry is unavailable.');
    return this.registry.test({ request, body });
  }
}
