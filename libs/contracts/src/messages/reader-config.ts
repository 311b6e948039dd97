import { z } from 'zod';

const MAX_DEPTH = 16;

/** Ends in a word for a credential: `hf_token`, `apiKey`, `db-password`; not `max_tokens` or `tokenizer`. */
const CREDENTIAL = /(^|_)(password|passwd|passphrase|secret|credentials?|token|api_?key|access_?key|private_?key)$/;

const looksLikeCredential = (name: string): boolean =>
  CREDENTIAL.test(
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toLowerCase(),
  );

/** The path of the first thing in `value` that may not be there, with the reason; undefined when all may. */
function objection(value: unknown, path: string, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return `${path} is nested more than ${MAX_DEPTH} deep`;
  for (const [name, member] of Object.entries(value)) {
    const at = `${path}.${name}`;
    if (!Array.isArray(value) && looksLikeCredential(name)) return `${at} looks like a credential`;
    const inner = objection(member, at, depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** A larger configuration, as JSON, is not kept. Its heartbeat counts. */
export const KEPT_CONFIG_BYTES = 16_384;

/** The configuration a reader shows of itself: an object in which nothing looks like a credential. */
export const readerConfig = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  const message = objection(value, 'config', 0);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
