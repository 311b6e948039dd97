import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/**
 * For the one page that a browser shows; API answers need none of these headers. The page has inline styles. It may be
 * served over plain HTTP inside a network: a proxy that terminates TLS adds HSTS.
 */
const setHeaders = helmet({
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { styleSrc: ["'self'", "'unsafe-inline'"], upgradeInsecureRequests: null } },
});

export function setPageHeaders(request: IncomingMessage, response: ServerResponse): void {
  setHeaders(request, response, (error) => {
    if (error !== undefined) throw error;
  });
}
