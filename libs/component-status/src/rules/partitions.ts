import { owners } from '../components.js';
import type { Rule } from '../rule.js';
import type { PartitionFacts } from '../status-facts.js';
import { ageEvidence } from './age-evidence.js';
import { SERVER_TROUBLE } from './owners.js';
import { isReceived, OWNER_SILENT_MS } from './received.js';
import { inWords, listed } from './words.js';

const service = owners.readers;

/** Enough to begin with; `/readyz?verbose` shows them all. */
const MOST_SHOWN = 20;

export const partitionRules: readonly Rule[] = [
  {
    id: 'readers.partition_silent',
    component: 'readers',
    status: 'degraded',
    when: `of some partitions of ${service}, not of all, nothing has been received for more than ${OWNER_SILENT_MS / 1_000} s`,
    remedy:
      `Check that enough processes of ${service} run: another one takes over the partitions of one that has ended. ` +
      'What is shown of the readers in these partitions is the last state that was received.',
    explainedBy: SERVER_TROUBLE,
    find: (facts) => {
      const { partitions = [] } = facts.owners.readers;
      const silent = partitions.filter((each) => !isReceived(each));
      if (silent.length === 0 || silent.length === partitions.length) return undefined;
      return {
        sentence: `Nothing has been received from ${silent.length} of ${partitions.length} partitions of ${service}: ${listed(silent.map(inWordsOf))}.`,
        evidence: silent.slice(0, MOST_SHOWN).map(({ partition, silentMs, stream }) =>
          ageEvidence(silentMs, facts, {
            what: `ms since a message of the owner of partition ${partition} was received`,
            threshold: OWNER_SILENT_MS,
            source: `stream ${stream}`,
          }),
        ),
      };
    },
  },
];

const inWordsOf = ({ partition, silentMs }: PartitionFacts): string =>
  silentMs === undefined
    ? `partition ${partition} since this process started`
    : `partition ${partition} for ${inWords(silentMs)}`;
