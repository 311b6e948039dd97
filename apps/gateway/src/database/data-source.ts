import { AccountRow } from '../access/persistence/account.entity.js';
import { ApiKeyRow } from '../access/persistence/api-key.entity.js';
import { TierRow } from '../access/persistence/tier.entity.js';
import { ApiKeys1795219200000 } from './migrations/1795219200000-api-keys.js';
import { Accounts1795478400000 } from './migrations/1795478400000-accounts.js';
import { Quota1795478400001 } from './migrations/1795478400001-quota.js';
import { Notices1795478400002 } from './migrations/1795478400002-notices.js';
import { Sessions1795651200000 } from './migrations/1795651200000-sessions.js';
import { NoticeRow } from '../notices/notice.entity.js';
import { SessionRow } from '../sessions/persistence/session.entity.js';

export const entities = [ApiKeyRow, AccountRow, TierRow, NoticeRow, SessionRow];
export const migrations = [
  ApiKeys1795219200000,
  Accounts1795478400000,
  Quota1795478400001,
  Notices1795478400002,
  Sessions1795651200000,
];
