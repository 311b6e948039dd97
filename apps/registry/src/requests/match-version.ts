import type { RegistryRequest } from '@signalbox/contracts/messages';
import { refused } from './refusal.js';

/** @throws RequestRefused: stale_version, where `If-Match` names another version than the current one */
export function matchVersion({ if_match: wanted }: RegistryRequest, { version }: { version: number }): void {
  if (wanted !== undefined && !wanted.includes(version)) {
    throw refused('stale_version', `It has been changed since: its ETag is "${version}".`);
  }
}
