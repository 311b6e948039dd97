import { AccountRow } from '../access/persistence/account.entity.js';
import { ApiKeyRow } from '../access/persistence/api-key.entity.js';
import { TierRow } from '../access/persistence/tier.entity.js';
import { ApiKeys1795219200000 } from './migrations/1795219200000-api-keys.js';
import { Accounts1795478400000 } from './migrations/1795478400000-accounts.js';
import { Quota1795478400001 } from './migrations/1795478400001-quota.js';
import { Notices1795478400002 } from './migrations/1795478400002-notices.js';
import { KeyRules1795564800000 } from './migrations/1795564800000-key-rules.js';
import { KeyRotation1795564800001 } from './migrations/1795564800001-key-rotation.js';
import { Tokens1795564800002 } from './migrations/1795564800002-tokens.js';
import { Sessions1795651200000 } from './migrations/1795651200000-sessions.js';
import { AuditChannel1795784400000 } from './migrations/1795784400000-audit-channel.js';
import { BrokerKeys1796428800000 } from './migrations/1796428800000-broker-keys.js';
import { NoticeRow } from '../notices/notice.entity.js';
import { SessionRow } from '../sessions/persistence/session.entity.js';
import { TokenRow } from '../tokens/persistence/token.entity.js';

export const entities = [ApiKeyRow, AccountRow, TierRow, NoticeRow, SessionRow, TokenRow];
export const migrations = [
  ApiKeys1795219200000,
  Accounts1795478400000,
  Quota1795478400001,
  Notices1795478400002,
  KeyRules1795564800000,
  KeyRotation1795564800001,
  Tokens1795564800002,
  Sessions1795651200000,
  AuditChannel1795784400000,
  BrokerKeys1796428800000,
];
