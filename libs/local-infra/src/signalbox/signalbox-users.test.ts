import { expect, it } from 'vitest';
import type { Credentials } from './credentials.js';
import { AMQP_USERS, SERVICES } from './names.js';
import { signalboxUsers } from './signalbox-users.js';

const passwords = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, `pw-${name}`])) as Record<Name, string>;
const credentials: Credentials = {
  postgresSuperuser: 'pw',
  databaseRoles: passwords(SERVICES),
  amqpUsers: passwords(AMQP_USERS),
};

/** The users that may write to, configure and read a resource, by RabbitMQ's regular expressions. */
function allowed(right: 'configure' | 'write' | 'read', resource: string): string[] {
  return signalboxUsers(credentials)
    .filter((user) => user[right] !== '' && new RegExp(user[right]).test(resource))
    .map(({ name }) => name);
}

it('lets only readers and reader-heartbeat, for its canaries, publish heartbeats', () => {
  expect(allowed('write', 'signalbox.heartbeats')).toEqual(['reader-heartbeat', 'readers']);
  expect(allowed('read', 'signalbox.heartbeats')).toEqual(['reader-heartbeat']);
});

it('lets only the owner of a stream answer snapshot requests', () => {
  for (const [queue, owner] of [
    ['snapshot.registry.1f', 'registry'],
    ['snapshot.readers.3.1f', 'reader-heartbeat'],
    ['snapshot.dataplane.1f', 'dataplane-control'],
    ['snapshot.datasources.1f', 'datasource-sync'],
    ['snapshot.gateway.1f', 'gateway'],
  ] as const) {
    for (const right of ['configure', 'write', 'read'] as const) expect(allowed(right, queue)).toEqual([owner]);
  }
  expect(allowed('write', 'signalbox.state')).toEqual(SERVICES.filter((service) => service !== 'journal'));
  expect(allowed('read', 'signalbox.state')).toEqual(['gateway']);
});

it('lets only services that send commands publish them', () => {
  expect(allowed('write', 'signalbox.commands')).toEqual(['gateway', 'registry', 'dataplane-control']);
  expect(allowed('write', 'signalbox.audit')).toEqual(['gateway', 'registry', 'dataplane-control', 'datasource-sync']);
  expect(allowed('read', 'signalbox.audit')).toEqual(['journal']);
  expect(allowed('write', 'signalbox.requests')).toEqual(['gateway']);
  expect(allowed('write', 'signalbox.changes')).toEqual(['datasource-sync']);
  expect(allowed('read', 'signalbox.changes')).toEqual(['consumers']);
  expect(allowed('write', 'signalbox.reports')).toEqual(['dataplanes']);
});

it('lets consumers of changes have queues and exchanges of their own, and nothing else', () => {
  for (const right of ['configure', 'write', 'read'] as const) {
    expect(allowed(right, 'changes.search-index')).toEqual(['consumers']);
    expect(allowed(right, 'signalbox.changes').includes('consumers')).toBe(right === 'read');
    for (const other of ['changes', 'signalbox.commands', 'registry.requests', 'signalbox.dead-letters', 'amq.default'])
      expect(allowed(right, other)).not.toContain('consumers');
  }
});

it('does not confuse names that contain each other', () => {
  for (const right of ['configure', 'write', 'read'] as const) {
    expect(allowed(right, 'signalboxXheartbeats')).toEqual([]);
    expect(allowed(right, 'signalbox.heartbeats.copy')).toEqual([]);
    expect(allowed(right, 'my.registry.requests')).toEqual([]);
  }
  expect(allowed('configure', 'reader.llama-0.control')).toEqual(['readers']);
});
