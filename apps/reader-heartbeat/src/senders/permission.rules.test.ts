import { describe, expect, it } from 'vitest';
import { permissionOf, type KnownSenders } from './permission.rules.js';
import type { ReaderKey } from './sender.js';

const teamA: ReaderKey = {
  id: 'key_a',
  pattern: 'team-a-*',
  covers: (readerId) => readerId.startsWith('team-a-'),
  expiresAt: Infinity,
};
const senders: KnownSenders = {
  sharedUser: 'blue.readers',
  keyOf: (user) => (user === teamA.id ? teamA : undefined),
  areKeysKnown: true,
};
const of = (user: string | undefined, routingKey: string, over: Partial<KnownSenders> = {}) =>
  permissionOf({ user, routingKey }, { ...senders, ...over });

describe('permissionOf', () => {
  it('lets the shared user publish for every reader, and counts those for no key', () => {
    expect(of('blue.readers', 'any').refusal('team-b-0')).toBeUndefined();
    expect(of('blue.readers', 'any').countsFor).toBe('no-key');
    expect(of('readers', 'any').refusal('team-b-0')).toBeDefined();
  });

  it('lets a key publish for the readers that its pattern covers, whatever the routing key', () => {
    const permission = of(teamA.id, 'team-b-0');
    expect(permission.refusal('team-a-0')).toBeUndefined();
    expect(permission.countsFor).toBe(teamA);
    expect(permission.refusal('team-b-0')).toBe(
      'reader_id: team-b-0 is not covered by team-a-*, which is what the sender key_a may publish',
    );
  });

  it('lets any other sender publish for the reader of its routing key', () => {
    for (const user of [undefined, 'own-user', 'key_unknown', 'reader-heartbeat']) {
      expect(of(user, 'team-b-0').refusal('team-b-0')).toBeUndefined();
      expect(of(user, 'team-b-0').countsFor).toBe('covering-keys');
    }
    expect(of(undefined, 'team-b-0').refusal('team-b-1')).toBe(
      'reader_id: team-b-1 is not the routing key of the message, and the message names no sender (user_id)',
    );
    expect(of('key_unknown', 'team-b-0').refusal('team-b-1')).toBe(
      'reader_id: team-b-1 is not the routing key of the message, and the sender key_unknown is no reader key that is known here',
    );
    expect(of('key_unknown', 'team-b-0', { areKeysKnown: false }).refusal('team-b-1')).toMatch(/known here yet$/);
  });
});
