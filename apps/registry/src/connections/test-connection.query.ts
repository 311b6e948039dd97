import { Inject, Injectable } from '@nestjs/common';
import { withoutBlanks } from '@signalbox/contracts/http';
import type { ConnectionTestReply, RegistryRequest } from '@signalbox/contracts/messages';
import type { Members } from '@signalbox/contracts/streams';
import { SealedBody, type AmqpContext } from '@signalbox/nest-service';
import { RequestRefused } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, NotOpenable, type Clock } from '@signalbox/platform';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { callerOf } from '../requests/caller-of.js';
import { refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import { TreeReader } from '../tree/tree-reader.js';
import { AnsweredOnce } from './answered-once.js';
import { checkConnection } from './check-connection.js';
import { ConnectionVault } from './connection-vault.js';
import { ConnectionTester } from './trial/connection-tester.js';

/** No attached database can have this name, so it is in the way of none. */
const UNNAMED = 'connection-test';

/** Tests a stored connection, or one that is in the body. */
@Injectable()
export class TestConnectionQuery {
  private readonly answers: AnsweredOnce<ConnectionTestReply>;

  constructor(
    private readonly bodies: SealedBody,
    private readonly vault: ConnectionVault,
    private readonly database: Database,
    private readonly tester: ConnectionTester,
    private readonly lifecycle: Lifecycle,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.answers = new AnsweredOnce(clock);
  }

  /**
   * A request that names a connection has it tested as it is stored, whatever body it has. Wrong settings are a failed test.
   * @throws RequestRefused: bad_name, bad_request where there is nothing to test, not_found, draining, busy, unavailable
   */
  async execute(request: RegistryRequest, context: AmqpContext): Promise<ConnectionTestReply> {
    if (this.lifecycle.now.state === 'draining') throw refused('draining', 'The registry is stopping.');
    if (request.name !== undefined) return this.tested(request, () => this.stored(request));
    const settings = this.given(request, context);
    // Credentials that were sent are used once, also where the request is sent again.
    return this.answers.of({ id: context.messageId, until: request.sealed_until ?? 0 }, () =>
      this.tested(request, () => Promise.resolve(settings)),
    );
  }

  private async tested(request: RegistryRequest, settings: () => Promise<Members>): Promise<ConnectionTestReply> {
    try {
      return await this.tester.test(checkConnection(await settings()), callerOf(request));
    } catch (error) {
      if (error instanceof NotOpenable) return failed(`Its credentials cannot be opened: ${error.message}.`);
      if (error instanceof RequestRefused && error.code === 'invalid_value') return failed(error.message);
      throw error;
    }
  }

  private given(request: RegistryRequest, context: AmqpContext): Members {
    const { project: _, name = UNNAMED, ...settings } = withoutBlanks(this.bodies.of(request, context));
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
