import { expect, it } from 'vitest';
import { takesKey } from './binding-key.js';
import { exchanges } from './exchanges.js';
import { agentDeadLettersQueue, deadLetterQueues, deadLettersQueue, deadLettersTopology } from './queues.js';
import { wholeTopology } from './whole-topology.js';

const bindings = deadLettersTopology.bindings.filter(({ exchange }) => exchange === exchanges.deadLetters.name);
const queuesOf = (key: string): string[] => [
  ...new Set(bindings.filter((binding) => takesKey(binding.key, key)).map(({ queue }) => queue)),
];

/** A queue whose messages go back to another one when their time is over. */
const isWaiting = (name: string): boolean => /\.wait\.\d+s$/.test(name);
const isOfAgents = (name: string): boolean => /^dataplane\.|^dataplane-control\.(status|reports|events)$/.test(name);

it('brings the dead letters of each queue to one queue, those of agents to one of their own', () => {
  const names = wholeTopology(['main'])
    .queues.map(({ name }) => name)
    .filter((name) => !isWaiting(name) && !deadLetterQueues.some((each) => each.name === name));
  expect(names.length).toBeGreaterThan(10);
  const others = ['gateway.replica.i-1', 'dataplane-control.replica.i-1', 'snapshot.registry.i-1'];
  for (const name of [...names, ...others])
    expect([name, queuesOf(name)]).toEqual([
      name,
      [isOfAgents(name) ? agentDeadLettersQueue.name : deadLettersQueue.name],
    ]);
});
