import { expect, it } from 'vitest';
import { prefixOfUsers, senderRules } from './senders.js';

const rules = senderRules();

it('believes of a stream only its owner, and of a request only its senders', () => {
  const senders = (exchange: string, routingKey: string) => rules.sendersOf({ exchange, routingKey });
  expect(senders('signalbox.state', 'gateway')).toEqual(['gateway', 'operator']);
  expect(senders('signalbox.state', 'unknown')).toEqual(['operator']);
  expect(senders('signalbox.calls', 'registry')).toEqual(['gateway', 'operator']);
  expect(senders('signalbox.commands', 'dataplane.main.shutdown')).toEqual([
    'gateway',
    'dataplane-control',
    'operator',
  ]);
  expect(senders('', 'registry.commands')).toEqual(['operator']);
  expect(senders('unknown', 'registry')).toEqual([]);
});

it('believes no one whose key the consumer does not bind: a header brought the message into its queue', () => {
  const senders = (exchange: string, routingKey: string) =>
    senderRules('', 'registry').sendersOf({ exchange, routingKey });
  expect(senders('signalbox.calls', 'registry')).toEqual(['gateway', 'operator']);
  expect(senders('', 'registry.commands')).toEqual(['operator']);
  for (const [exchange, key] of [
    ['signalbox.calls', 'gateway.snapshot'],
    ['signalbox.commands', 'dataplane.main.health'],
    ['signalbox.retry', 'journal.audit.wait.1s'],
  ] as const)
    expect([key, senders(exchange, key)]).toEqual([key, []]);
});

it('believes anyone whom the broker lets publish heartbeats and reports', () => {
  for (const exchange of ['signalbox.heartbeats', 'signalbox.reports'])
    expect(rules.sendersOf({ exchange, routingKey: 'x' })).toBe('anyone');
});

it('believes a reply only of the owner that was asked', () => {
  expect(rules.answerersOf({ exchange: 'signalbox.calls', routingKey: 'registry' })).toEqual(['registry', 'operator']);
  expect(rules.answerersOf({ exchange: 'signalbox.calls', routingKey: 'readers.0.snapshot' })).toEqual([
    'reader-heartbeat',
    'operator',
  ]);
});

it('knows the users of a broker that several Signalboxes share by their prefix', () => {
  expect(prefixOfUsers('blue.registry', 'registry')).toBe('blue.');
  expect(prefixOfUsers('registry', 'registry')).toBe('');
  expect(prefixOfUsers('shared', 'registry')).toBeUndefined();
  expect(senderRules('blue.').sendersOf({ exchange: 'signalbox.state', routingKey: 'gateway' })).toEqual([
    'blue.gateway',
    'blue.operator',
  ]);
  expect(rules.users).toContain('operator');
});
