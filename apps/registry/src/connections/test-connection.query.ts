import { Injectable } from '@nestjs/common';
import { withoutBlanks } from '@signalbox/contracts/http';
import type { ConnectionTestReply, RegistryRequest } from '@signalbox/contracts/messages';
import type { Members } from '@signalbox/contracts/streams';
import { RequestRefused } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { NotOpenable } from '@signalbox/platform';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { callerOf } from '../requests/caller-of.js';
import { refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import { SealedBody } from '../requests/sealed-body.js';
import { TreeReader } from '../tree/tree-reader.js';
import { checkConnection } from './check-connection.js';
import { ConnectionVault } from './connection-vault.js';
import { ConnectionTester } from './trial/connection-tester.js';

/** No attached database can have this name, so it is in the way of none. */
const UNNAMED = 'connection-test';

/** Tests a stored connection, or one that is in the body. */
@Injectable()
export class TestConnectionQuery {
  constructor(
    private readonly bodies: SealedBody,
    private readonly vault: ConnectionVault,
    private readonly database: Database,
    private readonly tester: ConnectionTester,
    private readonly lifecycle: Lifecycle,
  ) {}

  /**
   * A request that names a connection has it tested as it is stored, whatever body it has. Wrong settings are a failed test.
   * @throws RequestRefused: bad_name, bad_request where there is nothing to test, not_found, draining, busy
   */
  async execute(request: RegistryRequest): Promise<ConnectionTestReply> {
    if (this.lifecycle.now.state === 'draining') throw refused('draining', 'The registry is stopping.');
    try {
      const settings = request.name === undefined ? this.given(request) : await this.stored(request);
      return await this.tester.test(checkConnection(settings), callerOf(request));
    } catch (error) {
      if (error instanceof NotOpenable) return failed(`Its credentials cannot be opened: ${error.message}.`);
      if (error instanceof RequestRefused && error.code === 'invalid_value') return failed(error.message);
      throw error;
    }
  }

  private given(request: RegistryRequest): Members {
    const { project: _, name = UNNAMED, ...settings } = withoutBlanks(this.bodies.of(request));
    return { ...settings, name };
  }

  private async stored(request: RegistryRequest): Promise<Members> {
    const [project, name] = [nameOf(request.project, 'project'), nameOf(request.name, 'connection')];
    const row = await new TreeReader(this.database.dataSource.manager).connection(project, name);
    if (!row) throw refused('not_found', `The project ${project} has no connection ${name}.`);
    return this.vault.fromRow(row);
  }
}

const failed = (errorMessage: string): ConnectionTestReply => ({ status: 'failed', errorMessage });
