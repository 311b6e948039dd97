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
    expect(queueOf({ user: 'datasource-sync', routingKey: 'registry.requests' })).toBeUndefined();
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

  it('is not known of what an agent dead-letters, of a wrong sender, and without a sender', () => {
    expect(queueOf({ user: 'dataplanes', routingKey: 'dataplane.main.control' })).toBeUndefined();
    expect(queueOf({ reason: 'wrong-sender' })).toBeUndefined();
    expect(queueOf({ user: undefined })).toBeUndefined();
    expect(queueOf({ exchange: 'signalbox.state' })).toBeUndefined();
  });

  it('is what it says where all share one user', () => {
    expect(queueOf({ user: 'shared', routingKey: 'some.queue' }, 'shared')).toBe('some.queue');
    expect(queueOf({ user: 'other' }, 'shared')).toBeUndefined();
  });
});
