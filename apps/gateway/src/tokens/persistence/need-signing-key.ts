import { gatewayStream, type SigningKeyEntry } from '@signalbox/contracts/streams';
import type { StreamTransaction } from '@signalbox/persistence';

const { signingKey } = gatewayStream.entries;

/** A key that was not needed any more may have been left out of the stream: see `loadGatewayStream`. */
const NEED = `
  WITH before AS (SELECT needed_until FROM signing_key WHERE kid = $1)
  INSERT INTO signing_key AS known (kid, jwk, needed_until) VALUES ($1, $2, $3)
  ON CONFLICT (kid) DO UPDATE SET needed_until = greatest(known.needed_until, excluded.needed_until)
  RETURNING coalesce((SELECT needed_until FROM before) <= now(), true) AS is_new`;

/** Keeps a signing key until then in the table, and in the stream, by which all gateways verify what it has signed. */
export async function needSigningKey(
  transaction: StreamTransaction,
  { kid, jwk }: SigningKeyEntry,
  until: Date,
): Promise<void> {
  const [needed] = await transaction.manager.query<{ is_new: boolean }[]>(NEED, [kid, jwk, until]);
  if (needed!.is_new) transaction.put(signingKey.key(kid), { kid, jwk });
}
