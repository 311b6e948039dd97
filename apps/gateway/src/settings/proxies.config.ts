import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** The variable of proxies before the API: a part of the gateway's configuration. */
export const proxiesEnv = {
  SIGNALBOX_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text, context) => {
      const entries = text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
      return entries.flatMap((entry) => {
        const network = networkOf(entry);
        if (network === undefined)
          context.addIssue({
            code: 'custom',
            message: `${entry} is neither an address nor a network in CIDR notation, as 10.0.0.0/8`,
          });
        return network ?? [];
      });
    })
    .meta({
      description:
        'Proxies that are believed: of a request that comes from one of them, `X-Forwarded-For` says the address of the client, for key networks, limits for each address, the audit trail and the access log. The header of other senders is ignored. A proxy must append to the header, or set it.',
      values: 'addresses and networks in CIDR notation, separated by commas',
    }),
};

/** An address is the network of itself. */
function networkOf(entry: string): string | undefined {
  if (ipaddr.isValidCIDR(entry)) return entry;
  if (ipaddr.IPv4.isValidFourPartDecimal(entry)) return `${entry}/32`;
  return ipaddr.IPv6.isValid(entry) ? `${entry}/128` : undefined;
}
