import { z } from 'zod';

/** The permissions of an API key; each role includes the ones before it. */
export const role = z.enum(['member', 'manager', 'admin']);
export type Role = z.infer<typeof role>;

export const keyMode = z.enum(['live', 'test']);
export type KeyMode = z.infer<typeof keyMode>;
