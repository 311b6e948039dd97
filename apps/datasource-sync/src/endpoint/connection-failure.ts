import { TargetRefused } from '@signalbox/network-policy';
import { EndpointFailure, type EndpointFailureOptions } from './endpoint-failure.js';

type Known = Omit<EndpointFailureOptions, 'item'> & Partial<Pick<EndpointFailureOptions, 'item'>>;

const UNREACHABLE: Readonly<Record<string, Known>> = {
  ENOTFOUND: {
    code: 'name_not_resolved',
    message: 'The name of the endpoint cannot be resolved.',
    fix: 'Check the host in the URL and its DNS entry.',
  },
  EAI_AGAIN: {
    code: 'name_not_resolved',
    message: 'The name server did not answer.',
    fix: 'Check the DNS of the host in the URL.',
  },
  ECONNREFUSED: {
    code: 'connection_refused',
    message: 'The endpoint refuses connections.',
    fix: 'Check that the server runs and listens on the port of the URL.',
  },
  ECONNRESET: {
    code: 'connection_reset',
    message: 'The endpoint closed the connection before it had answered.',
    fix: 'Check the server and the proxies before it.',
  },
  EPIPE: {
    code: 'connection_reset',
    message: 'The endpoint closed the connection before it had answered.',
    fix: 'Check the server and the proxies before it.',
  },
  EHOSTUNREACH: {
    code: 'host_unreachable',
    message: 'There is no route to the endpoint.',
    fix: 'Check the network and firewalls.',
  },
  ENETUNREACH: {
    code: 'host_unreachable',
    message: 'There is no route to the endpoint.',
    fix: 'Check the network and firewalls.',
  },
};

const TLS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is signed by itself.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate is signed by an authority that is not known.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The certificate is signed by an authority that is not known, or intermediate certificates are missing.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate is signed by an authority that is not known.',
  CERT_HAS_EXPIRED: 'The certificate has expired.',
  CERT_NOT_YET_VALID: 'The certificate is not valid yet.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name.',
};

/** Why a request ended without a response. */
export function connectionFailure(error: unknown): EndpointFailure {
  if (error instanceof EndpointFailure) return error;
  if (error instanceof TargetRefused)
    return new EndpointFailure({
      code: 'target_refused',
      message: `The network policy refuses the target: ${error.message}.`,
      fix: 'Give an address that may be connected to, or allow it where datasource-sync runs.',
      item: 'reachable',
    });
  const code = codeOf(error);
  const tls = TLS[code] ?? (isTls(code, error) ? 'No TLS connection could be made.' : undefined);
  if (tls !== undefined)
    return new EndpointFailure({
      code: 'tls_error',
      message: tls,
      fix: 'Serve a certificate for the host of the URL, signed by a public authority, with its intermediate certificates.',
      item: 'tls',
    });
  if (code.startsWith('HPE_'))
    return new EndpointFailure({
      code: 'not_http',
      message: 'What the endpoint answers is not HTTP/1.1.',
      fix: 'Check that the URL is that of an HTTP server.',
      item: 'endpoint',
    });
  return new EndpointFailure({
    ...(UNREACHABLE[code] ?? {
      code: 'request_failed',
      message: 'The request to the endpoint failed.',
      fix: 'Check that the endpoint can be reached from the internet.',
    }),
    item: 'reachable',
  });
}

export const timedOut = (seconds: number): EndpointFailure =>
  new EndpointFailure({
    code: 'timeout',
    message: `The endpoint had not answered completely after ${seconds} s.`,
    fix: 'Answer sooner, with smaller pages where they are large.',
    item: 'reachable',
  });

/** A connection to several addresses fails with one error for each. */
function codeOf(error: unknown): string {
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  return errors?.[0] === undefined ? '' : codeOf(errors[0]);
}

const isTls = (code: string, error: unknown): boolean =>
  code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_') || code === 'EPROTO' || /certificate/i.test(String(error));
