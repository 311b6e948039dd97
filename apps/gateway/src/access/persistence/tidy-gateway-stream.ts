import { gatewayStream } from '@signalbox/contracts/streams';
import type { StreamTransaction } from '@signalbox/persistence';

/**
 * Deletes tokens and signing keys that are over, and removes from the stream what is of no use any more. A key that has expired
 * stays in the stream for a day, so that its callers learn why it is refused. An hour is for processes whose clock is behind.
 * `loadGatewayStream` leaves out the same.
 */
export async function tidyGatewayStream(transaction: StreamTransaction): Promise<void> {
  const { key, signingKey, revokedToken } = gatewayStream.entries;
  const idsOf = async (sql: string): Promise<string[]> =>
    (await transaction.manager.query<{ id: string }[]>(sql)).map(({ id }) => id);
  await transaction.lock('gateway stream tidying');
  // As a select of the deletion: TypeORM gives the rows of a plain DELETE in another form.
  const revoked = await idsOf(`
    WITH deleted AS (DELETE FROM token WHERE expires_at < now() - interval '1 hour' RETURNING id, revoked_at)
    SELECT id FROM deleted WHERE revoked_at IS NOT NULL`);
  const unneeded = await idsOf(`
    WITH deleted AS (DELETE FROM signing_key WHERE needed_until < now() - interval '1 hour' RETURNING kid AS id)
    SELECT id FROM deleted`);
  const expired = await idsOf(`
    SELECT id FROM api_key
    WHERE revoked_at IS NULL AND expires_at BETWEEN now() - interval '2 days' AND now() - interval '1 day'`);
  for (const id of revoked) transaction.remove(revokedToken.key(id));
  for (const id of unneeded) transaction.remove(signingKey.key(id));
  for (const id of expired) transaction.remove(key.key(id));
}
