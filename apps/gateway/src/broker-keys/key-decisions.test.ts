import { gatewayStream } from '@signalbox/contracts/streams';
import { Metrics } from '@signalbox/platform';
import { FollowedStreams } from '@signalbox/state-streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessAge } from '../access/access-age.js';
import { generateApiKey, hashApiKey } from '../access/api-key.js';
import { KeyRing } from '../access/key-ring.js';
import type { KeyUse } from '../access/key-use.js';
import type { BrokerLogin, BrokerLogins } from '../audit/broker-logins.js';
import type { Config } from '../config.js';
import type { DeclaredQueues } from './declared-queues.js';
import type { BrokerTokens } from '../tokens/broker-tokens.js';
import { BrokerKeyMetrics } from './broker-keys.metrics.js';
import type { ConnectionLimit } from './connection-limit.js';
import { KeyDecisions } from './key-decisions.js';

const EXPIRES_AT = Date.UTC(2026, 0, 2);

describe('KeyDecisions', () => {
  const password = generateApiKey('live', 'reader');
  let clock: FakeClock;
  let streams: FollowedStreams;
  let decisions: KeyDecisions;
  let age: { isBeyondLimit: boolean };
  let limit: { isFull: boolean };
  let queues: { isFull: boolean };
  let recorded: BrokerLogin[];

  beforeEach(() => {
    clock = new FakeClock(Date.UTC(2026, 0, 1));
    streams = new FollowedStreams();
    age = { isBeyondLimit: false };
    limit = { isFull: false };
    queues = { isFull: false };
    recorded = [];
    decisions = new KeyDecisions(
      new KeyRing(streams, clock),
      age as AccessAge,
      { note: () => undefined } as unknown as KeyUse,
      {} as BrokerTokens,
      { admit: () => !limit.isFull } as unknown as ConnectionLimit,
      { admit: () => !queues.isFull } as unknown as DeclaredQueues,
      { record: (login: BrokerLogin) => void recorded.push(login) } as unknown as BrokerLogins,
      new BrokerKeyMetrics(new Metrics({ service: 'test' })),
      { RABBITMQ_URL: 'amqp://gateway:p@broker/signal%20box' } as Config,
    );
  });

  const key = {
    id: 'key_1',
    name: 'k',
    role: 'member',
    mode: 'live',
    sha256: hashApiKey(password),
    expires_at: EXPIRES_AT,
    account: 'default',
    kind: 'reader',
    scopes: [],
    networks: [],
    readers: 'llama-*',
    dataplane: null,
  };
  const receiveKey = (): void =>
    void streams.follow(gatewayStream).reset([[gatewayStream.entries.key.key('key_1'), key]]);
  const ask = (asked: 'user' | 'vhost' | 'topic') =>
    decisions.decide(
      asked,
      new URLSearchParams({
        username: 'key_1',
        vhost: 'signal box',
        ...(asked === 'user' && { password }),
        ...(asked === 'vhost' && { ip: '192.0.2.1', tags: '' }),
        ...(asked === 'topic' && {
          resource: 'topic',
          name: 'signalbox.heartbeats',
          permission: 'write',
          routing_key: 'llama-1',
        }),
      }),
    );
  const all = () => [ask('user'), ask('vhost'), ask('topic')];
  const denied = ['deny', 'deny', 'deny'];
  const allowed = ['allow', 'allow', 'allow'];

  it('refuses every key while the stream of keys is not known, or nothing of it was received for too long', () => {
    expect(all()).toEqual(denied);
    receiveKey();
    expect(all()).toEqual(allowed);
    age.isBeyondLimit = true;
    expect(all()).toEqual(denied);
    expect(recorded.map(({ refused }) => refused)).toEqual(['not_ready', undefined, 'not_ready']);
  });

  it('refuses a key from the moment on at which it expires', () => {
    receiveKey();
    clock.advance(EXPIRES_AT - clock.now() - 1);
    expect(all()).toEqual(allowed);
    clock.advance(1);
    expect(all()).toEqual(denied);
    expect(recorded.at(-1)).toEqual({ user: 'key_1', refused: 'api_key_expired' });
  });

  it('refuses a connection of a key that has too many, and lets the others go on', () => {
    receiveKey();
    limit.isFull = true;
    expect(all()).toEqual(['allow', 'deny', 'allow']);
    expect(recorded).toMatchObject([{ user: 'key_1', address: '192.0.2.1', refused: 'too_many_connections' }]);
  });

  it('refuses a further queue of a key that has declared too many, and lets it use those that are there', () => {
    receiveKey();
    const use = (permission: string): unknown =>
      decisions.decide(
        'resource',
        new URLSearchParams({
          username: 'key_1',
          vhost: 'signal box',
          resource: 'queue',
          name: 'reader.llama-1.control',
          permission,
        }),
      );
    expect(['configure', 'read'].map(use)).toEqual(['allow', 'allow']);
    queues.isFull = true;
    expect(['configure', 'read'].map(use)).toEqual(['deny', 'allow']);
  });
});
