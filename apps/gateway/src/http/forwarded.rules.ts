import ipaddr from 'ipaddr.js';

/**
 * The address of the client of a request that came through proxies: the rightmost entry of `X-Forwarded-For` that is no trusted proxy, since
 * each proxy appends the address that it sees, and a client can send any entries to the left of that. Where an entry is no address,
 * nothing beyond the proxy that has sent it is known.
 * @param peer the address at the other end of the connection
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  isTrusted: (address: string) => boolean,
): string {
  let client = peer;
  const entries = (forwardedFor ?? '').split(',').slice(-MOST_ENTRIES).toReversed();
  for (const entry of entries) {
    if (!isTrusted(client)) break;
    const address = addressIn(entry.trim());
    if (address === undefined) break;
    client = address;
  }
  return client;
}

/** More proxies than any request passes. */
const MOST_ENTRIES = 20;

/** `192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1`, `[2001:db8::1]:1234` */
const WITH_PORT = /^(?:\[([\da-fA-F:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/;

/** An address in one spelling. */
function addressIn(entry: string): string | undefined {
  const [, v6, v4] = WITH_PORT.exec(entry) ?? [];
  const text = v6 ?? v4 ?? entry;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  // Without a zone: it is of no meaning elsewhere.
  return ipaddr.IPv6.isValid(text) && !text.includes('%') ? ipaddr.process(text).toString() : undefined;
}
