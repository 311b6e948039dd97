import {
  account,
  accountList,
  changeAccountBody,
  createAccountBody,
  putTierBody,
  tier,
  tierList,
  type Account,
  type Tier,
} from '../http/accounts.js';
import { apiKey, createdKey, createKeyBody, keyList, rotateKeyBody, type ApiKey } from '../http/keys.js';
import { createdToken, createTokenBody, jwkSet, token, tokenList, type Token } from '../http/tokens.js';
import { keyKind, keyMode, role } from '../roles.js';
import { quotaList, quotaUsage, type QuotaUsage } from '../quotas.js';
import { scope } from '../scopes.js';
import { answered, sent, type Components } from './component.js';

const CREATED = '2026-03-28T09:00:00.000Z';

const anAccount: Account = { id: 'account_3f9a1c', name: 'Analytics', tier: 'standard', created_at: CREATED };
const aTier: Tier = { name: 'standard', requests_per_hour: 1_000, burst_per_second: 20 };

const aQuota: QuotaUsage = { name: 'projects', description: 'projects', limit: 10_000, used: 12 };

const aKey: ApiKey = {
  id: 'key_5f0e1d',
  name: 'Dashboard',
  role: 'member',
  kind: 'secret',
  mode: 'live',
  scopes: ['status:read'],
  networks: ['203.0.113.0/24'],
  account: 'default',
  readers: null,
  dataplane: null,
  hint: 'sk_live_4f…9c2e',
  created_at: CREATED,
  created_by: 'key_0a1b2c',
  expires_at: null,
  revoked_at: null,
  rotated_to: null,
  rotated_from: null,
  last_used_at: null,
};

const aToken: Token = {
  id: 'token_8c1d2e',
  key_id: aKey.id,
  name: 'Nightly report',
  role: 'member',
  scopes: [],
  created_at: CREATED,
  created_by: aKey.id,
  expires_at: '2026-03-28T10:00:00.000Z',
  revoked_at: null,
};

/** Keys, tokens, accounts, tiers and quotas. */
export const accessComponents: Components = {
  Role: answered(role),
  Scope: answered(scope),
  KeyKind: answered(keyKind),
  KeyMode: answered(keyMode),
  Key: answered(apiKey, aKey),
  KeyList: answered(keyList, { data: [aKey] }),
  CreateKey: sent(createKeyBody, { name: 'Dashboard', role: 'member', scopes: ['status:read'] }),
  RotateKey: sent(rotateKeyBody, { overlap_seconds: 3_600 }),
  CreatedKey: answered(createdKey, { ...aKey, key: 'sk_live_4f1e0d7c2b3a49586f7e8d9c0b1a2938_9c2e' }),
  Token: answered(token, aToken),
  TokenList: answered(tokenList, { data: [aToken] }),
  CreateToken: sent(createTokenBody, { name: 'Nightly report', ttl_seconds: 3_600 }),
  CreatedToken: answered(createdToken, {
    ...aToken,
    token: 'eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJrIn0.c2ln',
  }),
  JwkSet: answered(jwkSet, {
    keys: [
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
        kid: 'k1',
        alg: 'ES256',
        use: 'sig',
      },
    ],
  }),
  Quota: answered(quotaUsage, aQuota),
  QuotaList: answered(quotaList, { data: [aQuota] }),
  Account: answered(account, anAccount),
  AccountList: answered(accountList, { data: [anAccount] }),
  CreateAccount: sent(createAccountBody, { name: 'Analytics', tier: 'standard' }),
  ChangeAccount: sent(changeAccountBody, { tier: 'standard' }),
  Tier: answered(tier, aTier),
  TierList: answered(tierList, { data: [aTier] }),
  TierLimits: sent(putTierBody, { requests_per_hour: 1_000, burst_per_second: 20 }),
};
