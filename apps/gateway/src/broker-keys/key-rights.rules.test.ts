import { exchanges } from '@signalbox/contracts/messages';
import { describe, expect, it } from 'vitest';
import { keyRightsOf, type Question } from './key-rights.rules.js';

const EXCHANGES = [
  ...Object.values(exchanges).map(({ name }) => name),
  '',
  'amq.topic',
  'dataplane.main.control',
  'reader.llama-1.control',
];
const QUEUES = [
  'dataplane.main.control',
  'dataplane.main.operations',
  'dataplane.other.control',
  'dataplane.mainly.control',
  'dataplane-control.status',
  'signalbox.dead-letters',
  'amq.gen-x',
  'reader.llama-1.control',
  'reader.llama-a/b.c.control',
  'reader.mistral-1.control',
  'reader.llama-#.control',
  'reader.llama-1.controls',
  'reader..control',
  'reader.control',
  `reader.llama-${'x'.repeat(195)}.control`,
];
const KEYS = [
  'llama-1',
  'llama-',
  'a-llama-1',
  'LLAMA-1',
  'llama-#',
  'llama-*',
  'canary',
  'dataplane.main',
  'dataplane.main.events',
  'dataplane.main.control',
  'dataplane.main.operations',
  'dataplane.main.shutdown',
  'dataplane.other',
  'dataplane.other.events',
  'dataplane.mainX',
  'dataplane.main\n',
  '',
  '#',
  '*',
];

/** Every question that the broker can ask about these names. */
const questions: Question[] = ['configure', 'write', 'read'].flatMap((permission) => [
  ...QUEUES.map((name) => ({ resource: 'queue', name, permission })),
  ...EXCHANGES.map((name) => ({ resource: 'exchange', name, permission })),
  ...EXCHANGES.flatMap((name) => KEYS.map((routingKey) => ({ resource: 'topic', name, permission, routingKey }))),
  { resource: 'topic', name: 'signalbox.heartbeats', permission },
  { resource: 'vhost', name: 'signalbox', permission },
]);

const permitted = (key: Parameters<typeof keyRightsOf>[0]): string[] => {
  const may = keyRightsOf(key);
  return questions
    .filter(may)
    .map(({ resource, name, permission, routingKey = '' }) => `${permission} ${resource} ${name} ${routingKey}`.trim());
};

describe('the rights of a key at the broker', () => {
  it('let a reader publish heartbeats of its readers, have their control queues, and nothing else', () => {
    expect(permitted({ kind: 'reader', readers: 'llama-*', dataplane: null })).toEqual([
      'configure queue reader.llama-1.control',
      'configure queue reader.llama-a/b.c.control',
      'write queue reader.llama-1.control',
      'write queue reader.llama-a/b.c.control',
      'write exchange signalbox.heartbeats',
      'write topic signalbox.heartbeats llama-1',
      'write topic signalbox.heartbeats llama-',
      'write topic signalbox.heartbeats llama-#',
      'write topic signalbox.heartbeats llama-*',
      'read queue reader.llama-1.control',
      'read queue reader.llama-a/b.c.control',
      'read exchange signalbox.reader-commands',
      'read topic signalbox.reader-commands llama-1',
      'read topic signalbox.reader-commands llama-',
    ]);
    // Whatever its pattern: a binding with a wildcard would get the commands of others.
    const any = permitted({ kind: 'reader', readers: '*', dataplane: null }).filter((each) =>
      each.startsWith('read topic'),
    );
    expect(any.filter((each) => /[#*]$| $/.test(each))).toEqual([]);
  });

  it('let an agent report for its dataplane, consume its two queues and dead-letter from them, and nothing else', () => {
    expect(permitted({ kind: 'agent', readers: null, dataplane: 'main' })).toEqual([
      'write exchange signalbox.reports',
      'write exchange signalbox.dead-letters',
      'write topic signalbox.reports dataplane.main',
      'write topic signalbox.reports dataplane.main.events',
      'write topic signalbox.dead-letters dataplane.main.control',
      'write topic signalbox.dead-letters dataplane.main.operations',
      'read queue dataplane.main.control',
      'read queue dataplane.main.operations',
    ]);
  });

  it('are none for a key of another kind', () => {
    for (const kind of ['secret', 'publishable'] as const)
      expect(permitted({ kind, readers: '*', dataplane: 'main' })).toEqual([]);
    expect(permitted({ kind: 'reader', readers: null, dataplane: 'main' })).toEqual([]);
  });
});
