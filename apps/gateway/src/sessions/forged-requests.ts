import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { mayChange } from '../http/changes.js';
import { ApiError } from '../http/errors/api-error.js';
import { isCsrfTokenOf } from './session-secret.js';

/**
 * Refuses requests that a page of another server made a browser send: a browser adds the cookie by itself. A browser says where a request
 * comes from (`Sec-Fetch-Site`, `Origin`), and such a page cannot know the token.
 */
@Injectable()
export class ForgedRequests {
  private readonly origin: string | undefined;

  constructor(@Inject(CONFIG) { SIGNALBOX_PUBLIC_URL }: Config) {
    this.origin = SIGNALBOX_PUBLIC_URL === undefined ? undefined : new URL(SIGNALBOX_PUBLIC_URL).origin;
  }

  /** @param secret of the session that the request was identified by @throws ApiError 403 */
  refuse(request: FastifyRequest, secret: string): void {
    const { origin, 'sec-fetch-site': site, 'x-csrf-token': token } = request.headers;
    // A page of ours to which another one led the browser may send `?reload=true` by itself.
    const isRead = !mayChange(request);
    // `none`: the person typed the address or used a bookmark.
    if (site !== undefined && site !== 'same-origin' && !(isRead && site === 'none'))
      throw forged('It was not sent by a page of this server.');
    // Over http browsers send no `Sec-Fetch-Site`, and a listed page of the same host could read the answer to a read.
    if (origin !== undefined && origin !== this.origin) throw forged(`Its Origin is not ${this.origin}.`);
    if (isRead) return;
    if (typeof token !== 'string' || !isCsrfTokenOf(secret, token))
      throw forged('Its X-CSRF-Token is missing or is not that of the session.');
  }
}

const forged = (why: string): ApiError =>
  new ApiError({
    status: 403,
    code: 'forged_request',
    detail: `This request was identified by a session and may be forged. ${why}`,
    suggestion:
      'Send the csrf_token of GET /v1/session as X-CSRF-Token, from a page of this server, or use an API key.',
  });
