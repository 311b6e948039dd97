import type { Evidence, Rule } from '../rule.js';
import type { ProbeFacts, StatusFacts } from '../status-facts.js';
import { seenAt } from './age-evidence.js';
import { inWords } from './words.js';

/** An older result says nothing about now. */
export const PROBE_STALE_MS = 10_000;

interface Connection {
  readonly component: 'messaging' | 'storage';
  readonly server: string;
  readonly remedy: string;
}

const connections: readonly Connection[] = [
  {
    component: 'messaging',
    server: 'The message broker',
    remedy:
      'Check that RabbitMQ runs and that this gateway reaches it. Nothing is lost: ' +
      'services keep what they could not send, and what is shown is the last state they received.',
  },
  {
    component: 'storage',
    server: 'The database',
    remedy:
      'Check that Postgres runs and takes connections. Status is answered from memory meanwhile; changes answer 503.',
  },
];

/** Its own servers, as this process reaches them. */
export const connectionRules: readonly Rule[] = [
  ...connections.flatMap(({ component, server, remedy }): Rule[] => [
    {
      id: `${component}.unreachable`,
      component,
      status: 'unavailable',
      when: `the last round trip of this process to ${server.toLowerCase()} failed`,
      remedy,
      find: (facts) => {
        const { result, passedMs } = facts[component];
        if (result !== 'failed') return undefined;
        const since = passedMs === undefined ? 'does not answer' : `has not answered for ${inWords(passedMs)}`;
        return { sentence: `${server} ${since}.`, evidence: [seen(component, facts)] };
      },
    },
    {
      id: `${component}.unchecked`,
      component,
      status: 'degraded',
      when: `no round trip to ${server.toLowerCase()} has ended for ${PROBE_STALE_MS / 1_000} s`,
      remedy: 'Wait some seconds. If it stays, this process is overloaded: look at its event loop delay in /metrics.',
      find: (facts) => {
        const { result, passedMs } = facts[component];
        if (result !== 'passed' || !isStale(facts[component])) return undefined;
        const since = passedMs === undefined ? '' : ` for ${inWords(passedMs)}`;
        return { sentence: `${server} has not been checked${since}.`, evidence: [seen(component, facts)] };
      },
    },
  ]),
  {
    id: 'messaging.blocked',
    component: 'messaging',
    status: 'degraded',
    when: 'the message broker takes no messages because of its memory or disk alarm',
    remedy:
      'Free memory or disk on the machine of RabbitMQ, or raise its limit (`rabbitmqctl status` shows the alarm). ' +
      'It takes messages again by itself, and what waited is sent.',
    find: (facts) =>
      facts.messaging.result === 'blocked'
        ? {
            sentence: `The message broker takes no messages${facts.messaging.detail === undefined ? '' : `: ${facts.messaging.detail}`}.`,
            evidence: [seen('messaging', facts)],
          }
        : undefined,
  },
];

/** Whether no round trip has passed for too long. */
export const isStale = ({ passedMs }: ProbeFacts): boolean => passedMs === undefined || passedMs > PROBE_STALE_MS;

function seen(component: 'messaging' | 'storage', facts: StatusFacts): Evidence {
  const { passedMs, result } = facts[component];
  return {
    what: passedMs === undefined ? 'last round trip' : 'ms since a round trip passed',
    value: passedMs ?? result,
    threshold: PROBE_STALE_MS,
    observed_at: seenAt(passedMs, facts),
    source: `check of ${component}`,
  };
}
