import { Webhook } from 'standardwebhooks';

const toleranceSeconds = 300;

/**
 * Checks the three headers of Standard Webhooks. The bytes of the key are those of its text: it is not decoded.
 * @param {{ key: string, headers: import('node:http').IncomingHttpHeaders, body: string }} request `body`: as it was received
 * @returns {string | undefined} why the request is refused
 */
export function refusalOf({ key, headers, body }) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
  if (!id) return 'source_id_missing';
  if (!timestamp) return 'source_timestamp_missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'source_timestamp_invalid';
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > toleranceSeconds) return 'source_timestamp_expired';
  if (!signature) return 'source_signature_missing';
  try {
    new Webhook(Buffer.from(key, 'utf8'), { format: 'raw' }).verify(body, headers);
    return undefined;
  } catch {
    return 'source_signature_invalid';
  }
}
