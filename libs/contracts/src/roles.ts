import { z } from 'zod';

/** The permissions of an API key; each role includes the ones before it. */
export const role = z.enum(['member', 'manager', 'admin']);
export type Role = z.infer<typeof role>;

/** Keys with which readers and agents log in to the broker. The HTTP API takes none of them. */
export const brokerKeyKind = z.enum(['reader', 'agent']);
export type BrokerKeyKind = z.infer<typeof brokerKeyKind>;

/** A publishable key may be seen by others, such as in a web page: it can only read, as a member. */
export const keyKind = z.enum(['secret', 'publishable', ...brokerKeyKind.options]);
export type KeyKind = z.infer<typeof keyKind>;

export const isBrokerKeyKind = (kind: KeyKind): kind is BrokerKeyKind => brokerKeyKind.safeParse(kind).success;

export const keyMode = z.enum(['live', 'test']);
export type KeyMode = z.infer<typeof keyMode>;
