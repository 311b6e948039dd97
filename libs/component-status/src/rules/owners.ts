import { owners, type OwnedComponent } from '../components.js';
import type { Evidence, Rule } from '../rule.js';
import type { OwnerFacts, PartitionFacts, StatusFacts } from '../status-facts.js';
import { ageEvidence } from './age-evidence.js';
import { isComplete, isReceived, OWNER_SILENT_MS } from './received.js';
import { inWords, listed } from './words.js';

/**
 * What keeps back the messages of every owner: an owner without its database publishes nothing either, and a process that did not
 * run has received nothing.
 */
export const SERVER_TROUBLE = [
  'messaging.unreachable',
  'messaging.unchecked',
  'messaging.blocked',
  'storage.unreachable',
];

/** Whether the messages of the service that owns a component arrive, and all of its state is here. */
export const ownerRules: readonly Rule[] = (Object.keys(owners) as OwnedComponent[]).flatMap((component): Rule[] => {
  const service = owners[component];
  return [
    {
      id: `${component}.owner_silent`,
      component,
      status: 'unavailable',
      when: `nothing has been received from ${service} for more than ${OWNER_SILENT_MS / 1_000} s`,
      remedy: `Check that ${service} runs and reaches the message broker; its log says what it waits for. What is shown is the last state that was received.`,
      explainedBy: SERVER_TROUBLE,
      find: (facts) => {
        const owner = facts.owners[component];
        if (isReceived(owner)) return undefined;
        const { silentMs } = owner;
        const sentence =
          silentMs === undefined
            ? `Nothing has been received from ${service} since this process started.`
            : `Nothing has been received from ${service} for ${inWords(silentMs)}.`;
        return { sentence, evidence: [lastReceived(component, facts)] };
      },
    },
    {
      id: `${component}.behind`,
      component,
      status: 'degraded',
      when: `messages of ${service} arrive, and a part of its state is missing here`,
      remedy: `Wait some seconds: it is fetched. If it stays, look for the stream in /readyz?verbose and in the log of ${service}.`,
      explainedBy: SERVER_TROUBLE,
      find: (facts) => {
        const owner = facts.owners[component];
        if (!isReceived(owner) || isComplete(owner)) return undefined;
        const subject = `${partsOf(owner, ({ hasSnapshot, isInStep }) => !(owner.hasSnapshot ? isInStep : hasSnapshot))}${service}`;
        const sentence = owner.hasSnapshot
          ? `What is shown of ${subject} is an earlier state: changes are missing here, and its whole state is being fetched.`
          : `The state of ${subject} has not been received yet.`;
        return { sentence, evidence: [lastReceived(component, facts), completeness(component, facts)] };
      },
    },
  ];
});

/** `partition 2 of `; nothing where the state is in one stream. */
function partsOf({ partitions = [] }: OwnerFacts, isMeant: (part: PartitionFacts) => boolean): string {
  const meant = partitions
    .filter((part) => isReceived(part) && isMeant(part))
    .map(({ partition }) => String(partition));
  if (meant.length === 0) return '';
  return `${meant.length === 1 ? 'partition' : 'partitions'} ${listed(meant)} of `;
}

const lastReceived = (component: OwnedComponent, facts: StatusFacts): Evidence =>
  ageEvidence(facts.owners[component].silentMs, facts, {
    what: 'ms since a message of the owner was received',
    threshold: OWNER_SILENT_MS,
    source: `stream of ${owners[component]}`,
  });

const completeness = (component: OwnedComponent, { at, owners: all }: StatusFacts): Evidence => ({
  what: 'all of the state is here',
  value: isComplete(all[component]),
  observed_at: at,
  source: `stream of ${owners[component]}`,
});
