import { describe, expect, it } from 'vitest';
import { provenOrigin, type FoundDeadLetter } from './dead-letter-origin.js';

const letter = (more: Partial<FoundDeadLetter>): FoundDeadLetter => ({
  exchange: 'signalbox.dead-letters',
  routingKey: 'registry.commands',
  user: 'registry',
  reason: 'handler-failed',
  claimed: { exchange: 'signalbox.commands', routingKey: 'registry.x' },
  ...more,
});
const queueOf = (more: Partial<FoundDeadLetter>, reader = 'operator') => {
  const origin = provenOrigin(letter(more), reader);
  return 'queue' in origin ? origin.queue : undefined;
};

describe('where a dead letter is known to come from', () => {
  it('is the queue that its sender consumes', () => {
    expect(queueOf({})).toBe('registry.commands');
    expect(queueOf({ user: 'blue.registry' }, 'blue.operator')).toBe('registry.commands');
    expect(queueOf({ user: 'blue.registry' })).toBeUndefined();
  });

  it('is not a queue of another service, whatever the headers claim', () => {
    expect(queueOf({ user: 'datasource-sync' })).toBeUndefined();
    expect(queueOf({ user: 'datasource-sync', routingKey: 'registry.calls' })).toBeUndefined();
    const claimed = { exchange: 'signalbox.heartbeats', routingKey: 'x' };
    expect(queueOf({ user: 'datasource-sync', claimed })).toBeUndefined();
    expect(queueOf({ user: 'readers', claimed })).toBeUndefined();
  });

  it('is the queue that the broker names, where the first sender could have sent it there', () => {
    const claimed = { exchange: 'signalbox.commands', routingKey: 'dataplane.main.run' };
    const run = { routingKey: 'dataplane.main.run', claimed };
    expect(queueOf({ ...run, user: 'gateway' })).toBe('dataplane.main.operations');
    expect(queueOf({ ...run, user: 'registry' })).toBeUndefined();
    expect(queueOf({ user: 'gateway', routingKey: 'dataplane-control.commands', claimed })).toBe(
      'dataplane-control.commands',
    );
    const event = { exchange: 'signalbox.reports', routingKey: 'dataplane.main.events' };
    expect(queueOf({ user: 'dataplanes', routingKey: 'dataplane-control.events', claimed: event })).toBe(
      'dataplane-control.events',
    );
  });

  it('is a queue of a dataplane only where the broker named it, or an agent with a key of that dataplane', () => {
    const agent = 'key_0b54a1c2-93f0-4a3f-8f51-5ac9d0a5e7bd';
    const run = {
      routingKey: 'dataplane.main.operations',
      claimed: { exchange: 'signalbox.commands', routingKey: 'dataplane.main.run' },
    };
    const shutdown = {
      routingKey: 'dataplane.main.control',
      claimed: { exchange: 'signalbox.commands', routingKey: 'dataplane.main.shutdown' },
    };
    expect(queueOf({ ...run, user: agent })).toBe('dataplane.main.operations');
    expect(queueOf({ ...shutdown, user: agent })).toBe('dataplane.main.control');
    // What it says of its way has to fit.
    expect(queueOf({ ...run, ...shutdown, routingKey: run.routingKey, user: agent })).toBeUndefined();
    // The owner of the queues, the senders of commands, and the user of all agents.
    for (const user of ['dataplane-control', 'gateway', 'dataplanes'])
      for (const letter of [run, shutdown]) expect([user, queueOf({ ...letter, user })]).toEqual([user, undefined]);
    // A key dead-letters for its own queues only.
    expect(queueOf({ user: agent })).toBeUndefined();
  });

  it('is not known of a wrong sender, and without a sender', () => {
    expect(queueOf({ reason: 'wrong-sender' })).toBeUndefined();
    expect(queueOf({ user: undefined })).toBeUndefined();
    expect(queueOf({ exchange: 'signalbox.state' })).toBeUndefined();
  });

  it('is also known of refused heartbeats, which have an exchange of their own', () => {
    const claimed = { exchange: 'signalbox.heartbeats', routingKey: 'x' };
    const beats = { exchange: 'signalbox.refused-heartbeats', routingKey: 'reader-heartbeat.partition.0', claimed };
    expect(queueOf({ ...beats, user: 'reader-heartbeat' })).toBe('reader-heartbeat.partition.0');
    expect(queueOf({ ...beats, user: 'registry' })).toBeUndefined();
  });

  it('is what it says where all share one user', () => {
    expect(queueOf({ user: 'shared', routingKey: 'some.queue' }, 'shared')).toBe('some.queue');
    expect(queueOf({ user: 'other' }, 'shared')).toBeUndefined();
  });
});
