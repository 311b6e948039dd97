import { z } from 'zod';

/** `GET /health`. */
export const publicHealth = z.object({ status: z.literal('healthy') });
export type PublicHealth = z.infer<typeof publicHealth>;

/** `GET /livez` and `GET /readyz`. */
export const processHealth = z.object({ status: z.enum(['ok', 'ready', 'not_ready']) });
