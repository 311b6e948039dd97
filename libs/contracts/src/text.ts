import { z } from 'zod';

/**
 * Text as people and systems name things with: bounded, without control characters (Postgres cannot hold NUL, terminals
 * and logs should not interpret any) and without lone surrogates (they have no UTF-8 form).
 */
export function text(limits: { min?: number; max: number }) {
  return z
    .string()
    .min(limits.min ?? 1)
    .max(limits.max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or broken Unicode');
}
