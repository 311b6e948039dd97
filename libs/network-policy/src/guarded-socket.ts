import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, Socket, type LookupFunction } from 'node:net';
import { refusalOf, type AddressRules } from './address-rules.js';

/** Connections to this target are refused. The message has the target and the reason, and no secret. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
}

/** Resolves a name to its addresses. Default: Node's `dns.lookup`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What of the rules is plain data, which can be sent to another process. */
export interface AllowedTargets extends AddressRules {
  /** Undefined: every port. */
  readonly ports?: readonly number[];
}

export interface TargetRules extends AllowedTargets {
  readonly resolve?: Resolve;
}

/**
 * Resolves a name and refuses it unless all of its addresses are allowed. The connection uses the addresses that were checked, so that
 * a name server cannot return another address in between (DNS rebinding).
 */
export function guardedLookup({ resolve = lookup, ...rules }: TargetRules): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const refused = firstRefused(hostname, addresses, rules);
      if (refused) return callback(refused, '', 0);
      if (options.all)
        return (callback as unknown as (error: null, addresses: LookupAddress[]) => void)(null, addresses);
      const [first] = addresses;
      if (!first) return callback(new TargetRefused(`${hostname} has no address`), '', 0);
      return callback(null, first.address, first.family);
    });
  };
}

function firstRefused(
  hostname: string,
  addresses: readonly LookupAddress[],
  rules: AddressRules,
): TargetRefused | undefined {
  for (const { address } of addresses) {
    const why = refusalOf(address, rules);
    // Without the address: a client must not learn the addresses of an internal network.
    if (why) return new TargetRefused(`${hostname} may not be connected to: it ${why}`);
  }
  return undefined;
}

/** @throws TargetRefused for a port or a literal address that is not allowed; a name is checked when it is resolved */
export function checkTarget({ host, port }: { host: string; port: number }, rules: TargetRules): void {
  if (rules.ports && !rules.ports.includes(port))
    throw new TargetRefused(`port ${port} may not be connected to: allowed are ${rules.ports.join(', ')}`);
  const literal = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (isIP(literal) === 0) return;
  const why = refusalOf(literal, rules);
  if (why) throw new TargetRefused(`${host} may not be connected to: it ${why}`);
}

/** A socket that connects to allowed targets only, for drivers that accept a socket. */
export class GuardedSocket extends Socket {
  constructor(private readonly rules: TargetRules) {
    super();
  }

  /** Called by drivers as `connect(port, host)`. A path, which is a Unix socket, is refused. */
  override connect(...args: unknown[]): this {
    const [port, host, listener] = args;
    try {
      const target = { port: Number(port), host: typeof host === 'string' && host !== '' ? host : 'localhost' };
      if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535)
        throw new TargetRefused('a path on this machine may not be connected to');
      checkTarget(target, this.rules);
      super.connect(
        { ...target, lookup: guardedLookup(this.rules) },
        typeof listener === 'function' ? (listener as () => void) : undefined,
      );
    } catch (error) {
      process.nextTick(() => this.destroy(error as Error));
    }
    return this;
  }
}
