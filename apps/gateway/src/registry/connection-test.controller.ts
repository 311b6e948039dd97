import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { connectionToTest } from '@signalbox/contracts/http';
import { connectionTestReply, type ConnectionTestReply } from '@signalbox/contracts/messages';
import type { FastifyRequest } from 'fastify';
import { documented, openApiSchema } from '../http/docs/documented.js';
import { demandManager } from './demand-manager.js';
import { namedConnection } from './named-connection.js';
import { namesOfConnection } from './path-name.js';
import { RegistryPresence } from './registry-presence.js';
import { RegistryClient } from './registry-client.js';
import { registryErrors } from './registry-docs.js';
import { connectionIn, notServing } from './registry-errors.js';
import { RegistryView } from './registry.view.js';
import { StoredConnectionTests } from './stored-connection-tests.js';

const TESTED =
  'Really connects for postgres, mysql, trino and duckdb, within ten seconds and only where the deployment allows it; ' +
  'the warehouses of clouds are checked as far as possible without an account, and the answer says how far. ' +
  'A caller may have 16 tests under way and 16 waiting: more are answered 429 at once, with Retry-After. ' +
  'Nothing is stored. Also while the configuration is frozen.';
const RESULT = documented(connectionTestReply, 'The result: `errorMessage` is empty when it connected.');

@ApiTags('registry')
@Controller('api/v0')
export class ConnectionTestController {
  constructor(
    private readonly view: RegistryView,
    private readonly registry: RegistryClient,
    private readonly storedTests: StoredConnectionTests,
    private readonly presence: RegistryPresence,
  ) {}

  @Post('connections/test')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'testConnection',
    summary: 'Test a connection',
    description:
      `Role: manager. ${TESTED} A body that names a stored connection, has all its settings as they are shown and no credential has that connection tested ` +
      'as it is stored, for which the role member is sufficient. It is named by `resource`, by `project` and `name`, or by `name` alone: then the first project that has it counts.',
  })
  @ApiBody({ schema: openApiSchema(connectionToTest) })
  @ApiOkResponse(RESULT)
  @registryErrors(400, 401, 403, 404, 413, 415, 503, 504)
  test(@Body() body: unknown, @Req() request: FastifyRequest): Promise<ConnectionTestReply> {
    const stored = namedConnection(body, (name) => this.view.connectionsNamed(name));
    // Settings that are not stored could lead to any server.
    if (!stored) demandManager(request);
    this.demandRegistry();
    return stored ? this.storedTests.run(stored, request) : this.registry.test({ request, body });
  }

  @Post('projects/:project/connections/:connection/test')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'testStoredConnection',
    summary: 'Test a stored connection',
    description: `Role: member. As it is stored. ${TESTED}`,
  })
  @ApiOkResponse(RESULT)
  @registryErrors(400, 401, 403, 404, 503, 504)
  testStored(
    @Param('project') project: string,
    @Param('connection') connection: string,
    @Req() request: FastifyRequest,
  ): Promise<ConnectionTestReply> {
    const stored = connectionIn(this.view, namesOfConnection(project, connection));
    this.demandRegistry();
    return this.storedTests.run(stored, request);
  }

  /** @throws ApiError 503 */
  private demandRegistry(): void {
    if (this.presence.isStale) throw notServing('The registry is unavailable.');
  }
}
