import { z } from 'zod';

/** The parts of the HTTP API that a key can be limited to. Each path belongs to one of them, or to none. */
export const areas = [
  'status',
  'readers',
  'registry',
  'platform',
  'dataplanes',
  'datasources',
  'notices',
  'access',
] as const;
export type Area = (typeof areas)[number];

export type Scope = `${Area}:${'read' | 'write'}`;

export const scopes: readonly Scope[] = areas.flatMap((area): Scope[] => [`${area}:read`, `${area}:write`]);

export const scope = z.enum(scopes);

/** The scopes of a publishable key that is not limited further. */
export const readScopes: readonly Scope[] = scopes.filter(isRead);

export function isRead(of: Scope): boolean {
  return of.endsWith(':read');
}
