/** The address of a connection at this end, and what else this server is called. */
export interface OwnAddress {
  /** An IP address; an IPv4 one may be written as IPv6. */
  readonly address: string;
  readonly port: number;
  /** Names of the machine, for this port. */
  readonly names: readonly string[];
  /** Exact values of `Host`: a name with a port of a proxy, for example. */
  readonly hosts: readonly string[];
}

const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/;
const HTTP_PORT = 80;

/**
 * Whether a request's `Host` names this server. A page of any site can make a browser connect to this machine, by a name of its own that it
 * lets point here (DNS rebinding); the browser then sends that name.
 */
export function isOwnHost(host: string | undefined, { address, port, names, hosts }: OwnAddress): boolean {
  const given = (host ?? '').toLowerCase();
  if (hosts.includes(given)) return true;
  const [, name, givenPort = HTTP_PORT] = HOST.exec(given) ?? [];
  if (name === undefined || Number(givenPort) !== port) return false;
  return ['localhost', inHost(address), ...names].includes(name);
}

/** An address as `Host` has it. */
function inHost(address: string): string {
  const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return ipv4 ?? `[${address}]`;
}
