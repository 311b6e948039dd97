import { describe, expect, it } from 'vitest';
import { beside, dataplanesIn, lacking, partitionsIn, type Live } from './compare.mjs';

const declared = {
  exchanges: [{ name: 'work', type: 'topic' as const }],
  queues: [
    { name: 'jobs', durable: true, arguments: { 'x-max-length': 10 } },
    { name: 'letters', durable: true },
  ],
  bindings: [{ exchange: 'work', queue: 'jobs', key: 'a.#' }],
  exchangeBindings: [{ exchange: 'work', destination: 'ring', key: '10' }],
};

const queue = (name: string, args: Live['queues'][number]['arguments'] = {}) => ({
  name,
  durable: true,
  arguments: args,
  messages: 0,
  consumers: 1,
});

/** All that is declared, as a broker lists it: with its own exchanges, and the binding that every queue has. */
const live: Live = {
  exchanges: ['', 'amq.topic', 'work'].map((name) => ({ name, type: 'topic' })),
  queues: [queue('jobs', { 'x-max-length': 10 }), queue('letters', { 'x-queue-type': 'classic' })],
  bindings: [
    { exchange: '', queue: 'jobs', key: 'jobs' },
    { exchange: 'work', queue: 'jobs', key: 'a.#' },
  ],
  exchangeBindings: [{ exchange: 'work', destination: 'ring', key: '10' }],
};

describe('a broker compared with what is declared', () => {
  it('lacks nothing and has nothing beside it', () => {
    expect(lacking(declared, live)).toEqual({ missing: [], different: [] });
    expect(beside(declared, live)).toEqual({ exchanges: [], queues: [], bindings: [] });
  });

  it('lacks what is not there, and what is there with other properties', () => {
    const other = {
      exchanges: [{ name: 'work', type: 'direct' }],
      queues: [queue('jobs')],
      bindings: [],
      exchangeBindings: [],
    };
    expect(lacking(declared, other)).toEqual({
      missing: ['queue letters', 'binding work --a.#--> jobs', 'binding work --10--> exchange ring'],
      different: [
        'exchange work: its type is direct, declared is topic',
        'queue jobs: x-max-length is not set, declared is 10',
      ],
    });
  });

  it('has other exchanges, queues and bindings beside it', () => {
    const more = {
      exchanges: [...live.exchanges, { name: 'theirs', type: 'fanout' }],
      queues: [...live.queues, queue('mine')],
      bindings: [...live.bindings, { exchange: 'work', queue: 'mine', key: '' }],
      exchangeBindings: [...live.exchangeBindings, { exchange: 'work', destination: 'theirs', key: '#' }],
    };
    expect(beside(declared, more)).toEqual({
      exchanges: ['theirs'],
      queues: [queue('mine')],
      bindings: ['binding work --(empty)--> mine', 'binding work --#--> exchange theirs'],
    });
  });

  it('names the dataplanes whose queues are there', () => {
    expect(
      dataplanesIn({ ...live, queues: [queue('dataplane.eu-1.control'), queue('dataplane.eu-1.operations')] }),
    ).toEqual(['eu-1']);
  });

  it('names the partitions of readers that are there, and the first one in any case', () => {
    const exchanges = ['signalbox.heartbeats.ring', 'signalbox.heartbeats.p.12'].map((name) => ({ name, type: 'any' }));
    expect(partitionsIn({ exchanges })).toEqual([0, 12]);
  });
});
