import type { Role } from '@signalbox/contracts/http';

/** What decides whether a key can still be used to create others. */
export interface AdminFacts {
  readonly id: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly rotatedTo: string | null;
}

/** Whether no other key could create keys without this one. @param admins the keys of admins that are not revoked */
export function isLastAdmin(key: AdminFacts, admins: readonly AdminFacts[], nowMs: number): boolean {
  return createsKeys(key) && !admins.some((other) => other.id !== key.id && createsKeys(other) && lasts(other, nowMs));
}

const createsKeys = ({ role, scopes }: AdminFacts): boolean =>
  role === 'admin' && (scopes.length === 0 || scopes.includes('access:write'));

/** A key that is replaced stops working soon. */
const lasts = ({ expiresAt, rotatedTo }: AdminFacts, nowMs: number): boolean =>
  rotatedTo === null && (expiresAt === null || expiresAt.getTime() > nowMs);
