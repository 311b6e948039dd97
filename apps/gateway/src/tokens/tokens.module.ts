import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { CallerSources } from '../http/caller-sources.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { BrokerTokens } from './broker-tokens.js';
import { IssueTokenCommand } from './issue-token.command.js';
import { JwksController } from './jwks.controller.js';
import { TokenRepository } from './persistence/token.repository.js';
import { RevokeTokenCommand } from './revoke-token.command.js';
import { Signing } from './signing.js';
import { TokenCallers } from './token-callers.js';
import { TokenVerifier } from './token-verifier.js';
import { TokensController } from './tokens.controller.js';
import { TokensView } from './tokens.view.js';
import { VerifiedTokens } from './verified-tokens.js';

export const tokensPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/tokens', read: 'member', write: 'member', area: 'own' },
  { prefix: '/.well-known/jwks.json', read: 'public', write: 'public' },
];

/** Signed tokens of keys: `/v1/tokens`, `/.well-known/jwks.json`, the callers that send one, and the tokens for the broker's management API. */
@Module({
  imports: [HttpModule, StateModule, AccessModule],
  controllers: [TokensController, JwksController],
  providers: [
    TokensView,
    TokenVerifier,
    VerifiedTokens,
    TokenCallers,
    Signing,
    TokenRepository,
    IssueTokenCommand,
    RevokeTokenCommand,
    BrokerTokens,
  ],
  exports: [BrokerTokens],
})
export class TokensModule {
  constructor(policies: RoutePolicies, sources: CallerSources, tokens: TokenCallers) {
    policies.add(tokensPolicies);
    sources.add(tokens);
  }
}
