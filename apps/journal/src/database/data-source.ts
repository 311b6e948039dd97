import type { SchemaRights } from '@signalbox/persistence';
import { Audit1796169600000 } from './migrations/1796169600000-audit.js';
import { TakeOverAudit1796169600001 } from './migrations/1796169600001-take-over-audit.js';

export const entities = [];
export const migrations = [Audit1796169600000, TakeOverAudit1796169600001];

/** Entries of the audit trail are only added; old ones are deleted by the function. */
export const rights: SchemaRights = { tables: { audit: ['SELECT', 'INSERT'] }, functions: ['delete_old_audit'] };
