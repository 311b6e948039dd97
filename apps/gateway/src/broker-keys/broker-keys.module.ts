import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { StateModule } from '../state/state.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { AuthListener } from './auth-listener.js';
import { BrokerKeyMetrics } from './broker-keys.metrics.js';
import { BrokerManagement } from './broker-management.js';
import { ConnectionCloser } from './connection-closer.js';
import { ConnectionLimit } from './connection-limit.js';
import { DeclaredQueues } from './declared-queues.js';
import { EndedKeys } from './ended-keys.js';
import { KeyDecisions } from './key-decisions.js';

/** API keys as logins at the broker: the listener at which RabbitMQ asks about them, and the end of their connections. */
@Module({
  imports: [StateModule, AccessModule, AuditModule, TokensModule],
  providers: [
    AuthListener,
    KeyDecisions,
    BrokerManagement,
    BrokerKeyMetrics,
    ConnectionLimit,
    DeclaredQueues,
    ConnectionCloser,
    EndedKeys,
  ],
})
export class BrokerKeysModule {}
