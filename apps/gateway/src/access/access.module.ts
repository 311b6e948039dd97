import { Module } from '@nestjs/common';
import { gatewayStream } from '@signalbox/contracts/streams';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { HttpModule } from '../http/http.module.js';
import { RequestAuthentication } from '../http/request-authentication.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { Authentication } from './authentication.js';
import { BootstrapAdminKey } from './bootstrap-admin-key.js';
import { CreateKeyCommand } from './create-key.command.js';
import { KeyRing } from './key-ring.js';
import { KeysController } from './keys.controller.js';
import { ApiKeyRepository, loadGatewayStream } from './persistence/api-key.repository.js';
import { RevokeKeyCommand } from './revoke-key.command.js';

export const accessPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/keys', read: 'admin' },
  { prefix: '/v1/accounts', read: 'admin' },
];

/** API keys: `/v1/keys`, their stream, and the authentication of every request. */
@Module({
  imports: [
    HttpModule,
    StateModule,
    PostgresStreamModule.register({ service: 'gateway', stream: gatewayStream.name, load: loadGatewayStream }),
  ],
  controllers: [KeysController],
  providers: [
    KeyRing,
    ApiKeyRepository,
    CreateKeyCommand,
    RevokeKeyCommand,
    BootstrapAdminKey,
    { provide: RequestAuthentication, useClass: Authentication },
  ],
  exports: [KeyRing],
})
export class AccessModule {
  constructor(policies: RoutePolicies) {
    policies.add(accessPolicies);
  }
}
