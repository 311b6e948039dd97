import { ApiKeyRow } from '../access/persistence/api-key.entity.js';
import { ApiKeys1795219200000 } from './migrations/1795219200000-api-keys.js';

export const entities = [ApiKeyRow];
export const migrations = [ApiKeys1795219200000];
