import type { AskedBy } from '@signalbox/contracts/messages';
import type { FastifyRequest } from 'fastify';

/** The caller, for the audit trail. */
export function askedBy({ caller, id, ip }: Pick<FastifyRequest, 'caller' | 'id' | 'ip'>): AskedBy {
  return {
    key_id: caller?.id ?? null,
    name: caller?.name ?? null,
    via: caller?.via ?? null,
    token_id: caller?.tokenId ?? null,
    role: caller?.role ?? null,
    account: caller?.account ?? null,
    request_id: id,
    address: ip,
  };
}
