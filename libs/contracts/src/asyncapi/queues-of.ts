import { takesKey } from '../messages/binding-key.js';
import { wholeTopology } from '../messages/whole-topology.js';
import type { ChannelContract } from './message-contract.js';

const { bindings } = wholeTopology(['{dataplane}']);

/** The queues that take what is published to a channel. Those of single processes are not among them: they are named at run time. */
export const queuesOf = ({ exchange, key }: ChannelContract): string[] => [
  ...new Set(
    bindings.filter((each) => each.exchange === exchange.name && takesKey(each.key, key)).map(({ queue }) => queue),
  ),
];
