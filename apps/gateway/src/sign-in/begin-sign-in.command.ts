import { Injectable } from '@nestjs/common';
import { invalidMember } from '../http/errors/invalid-request.js';
import { IdentityProvider } from './identity-provider.js';
import { PendingSignIns } from './pending-sign-ins.js';
import { isLocalPath } from './return-path.rules.js';

/** Begins a sign-in: sends a browser to the identity provider. */
@Injectable()
export class BeginSignInCommand {
  constructor(
    private readonly provider: IdentityProvider,
    private readonly pending: PendingSignIns,
  ) {}

  /** @throws ApiError 400 a path to return to that is not of this server, 404, 502, 503 */
  async execute(returnTo: string): Promise<{ url: string; cookie: string }> {
    if (!isLocalPath(returnTo)) throw invalidMember('return_to', 'must be a path of this server, as /docs');
    const { url, challenge } = await this.provider.challenge();
    return { url, cookie: this.pending.keep({ ...challenge, returnTo }) };
  }
}
