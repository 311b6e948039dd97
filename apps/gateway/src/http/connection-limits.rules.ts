/** Where the system permits more. */
const USUAL = 20_000;
const LEAST = 16;
/** One address must not hold all of them. */
const SHARE_OF_ADDRESS = 0.75;
/** Files of this process besides connections of clients: its connections to the broker, the database and the identity provider, logs, modules. */
const OWN_FILES = 96;

export interface ConnectionLimits {
  readonly inAll: number;
  /** For an IPv4 address, or for a /64 network of IPv6 addresses. */
  readonly perAddress: number;
}

export interface ConnectionFacts {
  /** What the process may have open at once, connections included. */
  readonly openFiles: number;
  /** Connections of the management port. */
  readonly management: number;
  /** `SIGNALBOX_MAX_CONNECTIONS` */
  readonly inAll?: number | undefined;
  /** `SIGNALBOX_MAX_CONNECTIONS_PER_ADDRESS` */
  readonly perAddress?: number | undefined;
}

/** How many connections may be open, so that files are left for the management port and for connections of this process. */
export function connectionLimits({ openFiles, management, ...wanted }: ConnectionFacts): ConnectionLimits {
  const possible = Math.max(LEAST, openFiles - management - OWN_FILES);
  const inAll = Math.min(wanted.inAll ?? USUAL, possible);
  return { inAll, perAddress: Math.min(wanted.perAddress ?? Math.ceil(inAll * SHARE_OF_ADDRESS), inAll) };
}
