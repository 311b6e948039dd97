import { wholeTopology } from '../messages/whole-topology.js';
import type { ChannelContract } from './message-contract.js';

const { bindings } = wholeTopology(['{dataplane}']);

/** The queues that take what is published to a channel. Those of single processes are not among them: they are named at run time. */
export const queuesOf = ({ exchange, key }: ChannelContract): string[] => [
  ...new Set(
    bindings.filter((each) => each.exchange === exchange.name && matches(each.key, key)).map(({ queue }) => queue),
  ),
];

/** Whether a binding key takes a routing key, as topic exchanges decide. */
function matches(binding: string, key: string): boolean {
  const pattern = binding
    .split('.')
    .map((word) => (word === '#' ? '.*' : word === '*' ? '[^.]+' : word.replace(/[{}]/g, '\\$&')))
    .join('\\.')
    .replace('\\..*', '(\\..*)?');
  return new RegExp(`^${pattern}$`).test(key);
}
