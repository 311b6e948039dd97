import { Module } from '@nestjs/common';
import { gatewayStream } from '@signalbox/contracts/streams';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { CallerSources } from '../http/caller-sources.js';
import { HttpModule } from '../http/http.module.js';
import { RequestAuthentication } from '../http/request-authentication.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { AccessAge } from './access-age.js';
import { AccountsController } from './accounts.controller.js';
import { Authentication } from './authentication.js';
import { BootstrapAdminKey } from './bootstrap-admin-key.js';
import { ChangeAccountCommand } from './change-account.command.js';
import { Confirmation } from './confirmation.js';
import { CreateAccountCommand } from './create-account.command.js';
import { CreateKeyCommand } from './create-key.command.js';
import { DeleteTierCommand } from './delete-tier.command.js';
import { Guesses } from './guesses.js';
import { KeyCallers } from './key-callers.js';
import { KeyRing } from './key-ring.js';
import { KeyUse } from './key-use.js';
import { KeysController } from './keys.controller.js';
import { AccountRepository } from './persistence/account.repository.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';
import { loadGatewayStream } from './persistence/load-gateway-stream.js';
import { TierRepository } from './persistence/tier.repository.js';
import { PutTierCommand } from './put-tier.command.js';
import { RevokeKeyCommand } from './revoke-key.command.js';
import { RotateKeyCommand } from './rotate-key.command.js';
import { StreamTidying } from './stream-tidying.js';
import { TiersController } from './tiers.controller.js';
import { TiersView } from './tiers.view.js';

export const accessPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/keys', read: 'admin', area: 'access' },
  { prefix: '/v1/accounts', read: 'admin', area: 'access' },
  { prefix: '/v1/tiers', read: 'admin', area: 'access' },
];

/** API keys, accounts and tiers: `/v1/keys`, `/v1/accounts`, `/v1/tiers`, their stream, and the authentication of every request. */
@Module({
  imports: [
    HttpModule,
    StateModule,
    PostgresStreamModule.register({ service: 'gateway', stream: gatewayStream.name, load: loadGatewayStream }),
  ],
  controllers: [KeysController, AccountsController, TiersController],
  providers: [
    KeyRing,
    KeyCallers,
    Guesses,
    AccessAge,
    Confirmation,
    KeyUse,
    StreamTidying,
    TiersView,
    ApiKeyRepository,
    AccountRepository,
    TierRepository,
    CreateKeyCommand,
    RevokeKeyCommand,
    RotateKeyCommand,
    CreateAccountCommand,
    ChangeAccountCommand,
    PutTierCommand,
    DeleteTierCommand,
    BootstrapAdminKey,
    { provide: RequestAuthentication, useClass: Authentication },
  ],
  exports: [TiersView, AccountRepository, AccessAge, KeyRing, KeyUse, KeyCallers, Guesses, ApiKeyRepository],
})
export class AccessModule {
  constructor(policies: RoutePolicies, sources: CallerSources, keys: KeyCallers) {
    policies.add(accessPolicies);
    sources.add(keys);
  }
}
