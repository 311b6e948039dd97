import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, Socket, type LookupFunction } from 'node:net';
import { refusalOf, type AddressRules } from './address-rules.js';

/** A target that may not be connected to. The message names it and says why; it holds no secret. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
}

/** Who says which addresses a name has: Node's `dns.lookup`, unless told otherwise. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface TargetRules extends AddressRules {
  readonly resolve?: Resolve;
  /** Undefined: every port. */
  readonly ports?: readonly number[];
}

/**
 * A name's addresses, all of which must be allowed: a name that leads to a forbidden place beside a public one is refused. What is
 * judged is what is connected to, so an answer that changes between two questions changes nothing.
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
    // Not which address: the names of an internal network are nobody's business either.
    if (why) return new TargetRefused(`${hostname} may not be connected to: it ${why}`);
  }
  return undefined;
}

/** @throws TargetRefused for a port, or an address written as such, that is not allowed; a name is judged when it is looked up */
export function checkTarget({ host, port }: { host: string; port: number }, rules: TargetRules): void {
  if (rules.ports && !rules.ports.includes(port))
    throw new TargetRefused(`port ${port} may not be connected to: allowed are ${rules.ports.join(', ')}`);
  const literal = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (isIP(literal) === 0) return;
  const why = refusalOf(literal, rules);
  if (why) throw new TargetRefused(`${host} may not be connected to: it ${why}`);
}

/** A socket that connects to what is allowed only, for drivers that bring their protocol and take a socket. */
export class GuardedSocket extends Socket {
  constructor(private readonly rules: TargetRules) {
    super();
  }

  /** As the drivers call it: `connect(port, host)`. A path, which is a socket of this machine, is refused. */
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
