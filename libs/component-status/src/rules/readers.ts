import type { Finding, Rule } from '../rule.js';
import type { ReaderFacts, ReaderSince } from '../status-facts.js';
import { listed } from './words.js';

export const readerRules: readonly Rule[] = [
  {
    id: 'readers.dead',
    component: 'readers',
    status: 'degraded',
    when: 'a reader is dead and not flapping',
    remedy:
      'Look at the process of the reader (`pids` in GET /status) and its connection to RabbitMQ. ' +
      'Its next heartbeat makes it live again; it is forgotten after an hour, when it deregisters, or with DELETE /v1/readers/{id}.',
    find: ({ readers }) => find('dead', readers, readers.latestDead),
  },
  {
    id: 'readers.flapping',
    component: 'readers',
    status: 'degraded',
    when: 'the state of a reader changed four times within ten of its leases; until it has not changed for as long',
    remedy:
      'Look at why its heartbeats come and go: its process restarts, or has too little CPU, or loses its connection to RabbitMQ. ' +
      'A lease is three of its intervals and 500 ms, unless SIGNALBOX_MISSED_BEATS and SIGNALBOX_READER_MESSAGE_TIMEOUT_MS differ.',
    find: ({ readers }) => find('flapping', readers, readers.latestFlapping),
  },
];

function find(state: 'dead' | 'flapping', readers: ReaderFacts, latest: readonly ReaderSince[]): Finding | undefined {
  const count = readers[state];
  if (count === 0) return undefined;
  const all = readers.loading + readers.live + readers.dead + readers.flapping;
  const names = listed(
    latest.map(({ id }) => id),
    count,
  );
  return {
    sentence: `${count} of ${all} readers ${count === 1 ? 'is' : 'are'} ${state}: ${names}.`,
    evidence: latest.map(({ id, since }) => ({
      what: `state of reader ${id}`,
      value: state,
      observed_at: since,
      source: 'stream of reader-heartbeat',
    })),
  };
}
