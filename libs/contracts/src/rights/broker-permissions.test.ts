import { expect, it } from 'vitest';
import { exchanges } from '../messages/exchanges.js';
import { heldQueue, partitionQueue } from '../messages/queues.js';
import { heldExchange, partitionExchange } from '../messages/topology.js';
import { brokerPermissions } from './broker-permissions.js';

const users = Object.entries(brokerPermissions())
  .map(([name, permissions]) => ({ name, ...permissions }))
  .filter(({ name }) => name !== 'operator');

/** The users, without the operator, that may configure, write to or read a resource, by RabbitMQ's regular expressions. */
const allowed = (right: 'configure' | 'write' | 'read', resource: string): string[] =>
  users.filter((user) => user[right] !== '' && new RegExp(user[right]).test(resource)).map(({ name }) => name);

/** The same with a routing key: `write` publishes, `read` binds. */
const allowedKey = (right: 'write' | 'read', exchange: keyof typeof exchanges, key: string): string[] =>
  users
    .filter(({ topics }) =>
      topics.some((topic) => topic.exchange === exchanges[exchange].name && new RegExp(topic[right]).test(key)),
    )
    .map(({ name }) => name)
    .filter((name) => allowed(right, exchanges[exchange].name).includes(name));

it('lets only readers and reader-heartbeat, for its canaries, publish heartbeats', () => {
  expect(allowedKey('write', 'heartbeats', 'llama')).toEqual(['readers']);
  expect(allowedKey('write', 'heartbeats', 'canary.1f')).toEqual(['reader-heartbeat', 'readers']);
});

it('lets only reader-heartbeat have the partitions of readers, and bind them to the ring', () => {
  expect(allowed('read', exchanges.heartbeatRing.name)).toEqual(['reader-heartbeat']);
  expect(allowed('write', exchanges.heartbeatRing.name)).toEqual([]);
  expect(allowedKey('read', 'heartbeats', '#')).toEqual([]);
  for (const right of ['configure', 'write', 'read'] as const)
    for (const { name } of [partitionExchange(12), partitionQueue(12), heldExchange(12), heldQueue(12)])
      expect(allowed(right, name)).toEqual(['reader-heartbeat']);
});

it('lets only the owner of a stream publish it and answer snapshot requests', () => {
  for (const [stream, owner] of [
    ['registry', 'registry'],
    ['readers.3', 'reader-heartbeat'],
    ['dataplane', 'dataplane-control'],
    ['datasources', 'datasource-sync'],
    ['gateway', 'gateway'],
  ] as const) {
    for (const right of ['configure', 'write', 'read'] as const)
      expect(allowed(right, `snapshot.${stream}.1f`)).toEqual([owner]);
    expect(allowedKey('write', 'state', stream)).toEqual([owner]);
    expect(allowedKey('read', 'requests', `${stream}.snapshot`)).toEqual([owner]);
    expect(allowedKey('read', 'state', stream)).toEqual(
      stream === 'gateway' ? ['gateway', 'reader-heartbeat'] : ['gateway'],
    );
  }
  expect(allowedKey('read', 'state', '#')).toEqual([]);
});

it('lets only services that send commands, requests and entries publish them', () => {
  expect(allowedKey('write', 'commands', 'dataplane.main.run')).toEqual(['gateway']);
  expect(allowedKey('write', 'commands', 'dataplane.main.cancel')).toEqual(['dataplane-control']);
  expect(allowedKey('write', 'commands', 'registry.delete')).toEqual([]);
  expect(allowed('write', 'signalbox.audit')).toEqual(['gateway', 'registry', 'dataplane-control', 'datasource-sync']);
  expect(allowed('read', 'signalbox.audit')).toEqual(['journal']);
  expect(allowedKey('write', 'requests', 'registry')).toEqual(['gateway']);
  expect(allowedKey('write', 'requests', 'gateway.snapshot')).toEqual(['gateway', 'reader-heartbeat']);
  expect(allowedKey('write', 'requests', 'registry.snapshot')).toEqual(['gateway']);
  expect(allowed('write', 'signalbox.changes')).toEqual(['datasource-sync']);
  expect(allowed('read', 'signalbox.changes')).toEqual(['consumers']);
  expect(allowed('write', 'signalbox.reports')).toEqual(['dataplanes']);
});

it('lets a user publish dead letters only of the queues that it consumes', () => {
  for (const [queue, names] of [
    ['registry.commands', ['registry']],
    ['dataplane.main.control', ['dataplane-control', 'dataplanes']],
    ['dead-letters.services', []],
    [partitionQueue(0).name, []],
  ] as const)
    expect(allowedKey('write', 'deadLetters', queue)).toEqual(names);
});

it('lets no user write to queues by their names, or declare what others use', () => {
  expect(allowed('write', 'amq.default')).toEqual([]);
  for (const { name } of Object.values(exchanges)) expect([name, allowed('configure', name)]).toEqual([name, []]);
  for (const right of ['configure', 'write', 'read'] as const) expect(allowed(right, 'amq.gen-x')).toEqual([]);
});

it('lets consumers of changes have queues and exchanges of their own, and nothing else', () => {
  for (const right of ['configure', 'write', 'read'] as const) {
    expect(allowed(right, 'changes.search-index')).toEqual(['consumers']);
    expect(allowed(right, 'signalbox.changes').includes('consumers')).toBe(right === 'read');
    for (const other of ['changes', 'signalbox.commands', 'registry.calls', 'signalbox.dead-letters', 'amq.default'])
      expect(allowed(right, other)).not.toContain('consumers');
  }
});

it('does not confuse names that contain each other', () => {
  for (const right of ['configure', 'write', 'read'] as const) {
    expect(allowed(right, 'signalboxXheartbeats')).toEqual([]);
    expect(allowed(right, 'signalbox.heartbeats.copy')).toEqual([]);
    expect(allowed(right, 'my.registry.calls')).toEqual([]);
  }
});
