import { Inject, Injectable } from '@nestjs/common';
import type { AskedBy } from '@signalbox/contracts/messages';
import { LOGGER, type Logger } from '@signalbox/platform';
import { AccountRepository } from '../access/persistence/account.repository.js';
import { ApiError } from '../http/errors/api-error.js';
import { StartSessionCommand } from '../sessions/start-session.command.js';
import { groupsOf, nameOf, personOf } from './person.js';
import { highestRole, type GroupRole } from '../settings/group-roles.rules.js';
import { IdentityProvider, type Claims } from './identity-provider.js';
import { PendingSignIns } from './pending-sign-ins.js';
import { signInExpired } from './provider-errors.js';
import { configured, SIGN_IN_SETTINGS, type SignInSettings } from './sign-in-settings.js';

/** Completes a sign-in: a browser comes back from the identity provider, and gets a session. */
@Injectable()
export class CompleteSignInCommand {
  constructor(
    private readonly provider: IdentityProvider,
    private readonly pending: PendingSignIns,
    private readonly accounts: AccountRepository,
    private readonly startSession: StartSessionCommand,
    @Inject(SIGN_IN_SETTINGS) private readonly settings: SignInSettings | undefined,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param parameters that the provider gave the browser
   * @throws ApiError 400 not begun here or too long ago, 403 refused or without a role, 404, 502, 503
   */
  async execute(
    parameters: { state: string } & Record<string, string>,
    cookieHeader: string | undefined,
    asked: AskedBy,
  ): Promise<{ returnTo: string; cookies: string[] }> {
    const begun = this.pending.find(cookieHeader);
    if (begun === undefined || begun.state !== parameters.state) throw signInExpired();
    const claims = await this.provider.claims(parameters, begun);
    const { issuer } = configured(this.settings);
    const person = personOf(issuer, claims.sub);
    const { role, account } = await this.permitted(claims, person);
    const cookie = await this.startSession.execute({ person, name: nameOf(claims), role, account }, asked);
    this.logger.info({ person, role, account }, 'person signed in');
    return { returnTo: begun.returnTo, cookies: [cookie, this.pending.forget()] };
  }

  private async permitted(claims: Claims, person: string): Promise<GroupRole> {
    const { groups, groupsClaim } = configured(this.settings);
    const held = groupsOf(claims[groupsClaim]);
    const found = highestRole(groups, held);
    // An account is never deleted.
    if (found !== undefined && (await this.accounts.exists(found.account))) return found;
    const why = found === undefined ? 'no group of the person has a role' : `there is no account ${found.account}`;
    this.logger.warn({ person, groups: held.length, why }, 'sign-in not permitted');
    throw new ApiError({
      status: 403,
      code: 'sign_in_not_permitted',
      detail:
        found === undefined
          ? 'You are known to the identity provider, but none of your groups has a role here.'
          : `Your group ${found.group} has a role in the account ${found.account}, which does not exist.`,
      suggestion: 'Ask the operator to map a group of yours to a role and an account: SIGNALBOX_OIDC_GROUPS.',
    });
  }
}
