import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { rabbitMqDefinitions } from './definitions.js';

it('contains salted hashes and no password', () => {
  const user = { name: 'u', password: 'geheim', configure: '', write: '^x$', read: '' };
  const definitions = rabbitMqDefinitions({ vhost: 'v', users: [user, { ...user, name: 'w', tags: ['monitoring'] }] });
  expect(JSON.stringify(definitions)).not.toContain('geheim');
  const [first, second] = definitions.users.map(({ password_hash }) => Buffer.from(password_hash, 'base64'));
  expect(first).not.toEqual(second);
  const expected = createHash('sha256').update(first!.subarray(0, 4)).update('geheim').digest();
  expect(first!.subarray(4)).toEqual(expected);
  expect(definitions.permissions[0]).toEqual({ user: 'u', vhost: 'v', configure: '', write: '^x$', read: '' });
  expect(definitions.users.map(({ tags }) => tags)).toEqual([[], ['monitoring']]);
  expect(definitions.policies).toEqual([]);
});

it('contains a topology in the form that RabbitMQ imports', () => {
  const definitions = rabbitMqDefinitions({
    vhost: 'v',
    users: [],
    topology: {
      exchanges: [
        { name: 'e', type: 'topic' },
        { name: 'f', type: 'fanout', alternate: 'e' },
      ],
      queues: [
        { name: 'q', durable: true, arguments: { 'x-max-length': 5 } },
        { name: 'p', durable: false },
      ],
      bindings: [{ exchange: 'e', queue: 'q', key: 'k.#' }],
    },
  });
  const kept = { vhost: 'v', durable: true, auto_delete: false };
  expect(definitions.exchanges).toEqual([
    { ...kept, name: 'e', type: 'topic', internal: false, arguments: {} },
    { ...kept, name: 'f', type: 'fanout', internal: false, arguments: { 'alternate-exchange': 'e' } },
  ]);
  expect(definitions.queues).toEqual([
    { ...kept, name: 'q', arguments: { 'x-max-length': 5 } },
    { ...kept, name: 'p', durable: false, arguments: {} },
  ]);
  expect(definitions.bindings).toEqual([
    { vhost: 'v', source: 'e', destination: 'q', destination_type: 'queue', routing_key: 'k.#', arguments: {} },
  ]);
});
