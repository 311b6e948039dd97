import { isIP } from 'node:net';

/** An endpoint that must be reachable from this process. */
export interface Route {
  /** `host:port`, as it is reported. */
  readonly name: string;
  /** Without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
  /** Whether a TLS handshake must succeed too, with a certificate that is valid for the host. */
  readonly tls: boolean;
}

export type ParsedRoutes =
  | { readonly ok: true; readonly routes: readonly Route[] }
  | { readonly ok: false; readonly problem: string };

const ROUTE = /^(?<name>(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:[\]/,]{1,253})):(?<port>\d{1,5}))(?<tls>\/tls)?$/;

/** Reads routes separated by commas; each may be listed once. */
export function parseRoutes(text: string): ParsedRoutes {
  const routes = new Map<string, Route>();
  for (const part of text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')) {
    const route = parseRoute(part);
    if (!route)
      return {
        ok: false,
        problem: `expected host:port, host:port/tls or [IPv6]:port, separated by commas; ${JSON.stringify(part)} is none of them`,
      };
    if (routes.has(route.name)) return { ok: false, problem: `${route.name} is listed twice` };
    routes.set(route.name, route);
  }
  return { ok: true, routes: [...routes.values()] };
}

function parseRoute(text: string): Route | undefined {
  const { name, v6, host, port, tls } = ROUTE.exec(text)?.groups ?? {};
  const number = Number(port);
  if (name === undefined || number < 1 || number > 65_535) return undefined;
  if (v6 !== undefined && isIP(v6) !== 6) return undefined;
  return { name, host: v6 ?? host ?? '', port: number, tls: tls !== undefined };
}
