import type { IncomingHttpHeaders } from 'node:http';

/** The headers of a request that its answer depends on where the body is cached. */
export interface Asked {
  readonly ifNoneMatch: string | undefined;
  readonly acceptEncoding: string | undefined;
}

export const askedFor = ({ headers }: { readonly headers: IncomingHttpHeaders }): Asked => ({
  ifNoneMatch: headers['if-none-match'],
  acceptEncoding: headers['accept-encoding'],
});
