import { Audit1796169600000 } from './migrations/1796169600000-audit.js';
import { TakeOverAudit1796169600001 } from './migrations/1796169600001-take-over-audit.js';

export const entities = [];
export const migrations = [Audit1796169600000, TakeOverAudit1796169600001];
