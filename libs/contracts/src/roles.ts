import { z } from 'zod';

/** The permissions of an API key; each role includes the ones before it. */
export const role = z.enum(['member', 'manager', 'admin']);
export type Role = z.infer<typeof role>;

/** A publishable key may be seen by others, such as in a web page: it can only read, as a member. */
export const keyKind = z.enum(['secret', 'publishable']);
export type KeyKind = z.infer<typeof keyKind>;

export const keyMode = z.enum(['live', 'test']);
export type KeyMode = z.infer<typeof keyMode>;
