import { Module } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import { AccessModule } from '../access/access.module.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { BeginSignInCommand } from './begin-sign-in.command.js';
import { CompleteSignInCommand } from './complete-sign-in.command.js';
import { IdentityProvider } from './identity-provider.js';
import { PendingSignIns } from './pending-sign-ins.js';
import { SIGN_IN_SETTINGS, signInSettings } from './sign-in-settings.js';
import { SignInController } from './sign-in.controller.js';

export const signInPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/session/sign-in', read: 'public', write: 'public' },
  { prefix: '/v1/session/callback', read: 'public', write: 'public' },
];

/** People sign in with an OpenID Connect provider: `/v1/session/sign-in`, `/v1/session/callback`, `/v1/session/sign-out`. */
@Module({
  imports: [HttpModule, AccessModule, SessionsModule],
  controllers: [SignInController],
  providers: [
    { provide: SIGN_IN_SETTINGS, inject: [CONFIG], useFactory: signInSettings },
    IdentityProvider,
    PendingSignIns,
    BeginSignInCommand,
    CompleteSignInCommand,
  ],
})
export class SignInModule {
  constructor(policies: RoutePolicies) {
    policies.add(signInPolicies);
  }
}
