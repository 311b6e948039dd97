import { Injectable } from '@nestjs/common';
import type { ConnectionTestReply, RegistryRequest } from '@signalbox/contracts/messages';
import { RequestRefused } from '@signalbox/messaging';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { refused } from '../requests/refusal.js';
import { SealedBody } from '../requests/sealed-body.js';
import { checkConnection } from './check-connection.js';
import { ConnectionTester } from './trial/connection-tester.js';

/** Tests a connection that is not stored. */
@Injectable()
export class TestConnectionQuery {
  constructor(
    private readonly bodies: SealedBody,
    private readonly tester: ConnectionTester,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Reports wrong settings as a failed test. @throws RequestRefused: bad_request where there is nothing to test, draining */
  async execute(request: RegistryRequest): Promise<ConnectionTestReply> {
    if (this.lifecycle.now.state === 'draining') throw refused('draining', 'The registry is stopping.');
    const body = this.bodies.of(request);
    try {
      return await this.tester.test(checkConnection(body));
    } catch (error) {
      if (!(error instanceof RequestRefused) || error.code === 'bad_request') throw error;
      return { status: 'failed', errorMessage: error.message };
    }
  }
}
