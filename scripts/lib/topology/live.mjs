// @ts-check
import { wholeTopology } from '@signalbox/contracts/messages';
import { beside, dataplanesIn, lacking, partitionsIn } from './compare.mjs';
import { passingQueues } from './declared.mjs';
import { liveByControl } from './live-by-control.mjs';
import { liveByManagement } from './live-by-management.mjs';

/** @typedef {import('./compare.mjs').Live} Live */

/**
 * @param {{ home: import('../base/home.mjs').Home, url: string, management: string | undefined }} broker
 * @returns {Promise<{ text: string, isAsDeclared: boolean }>}
 * @throws {import('../base/failure.mjs').Failure} where the broker cannot be asked
 */
export async function compareWithBroker({ home, url, management }) {
  const live =
    management === undefined ? await liveByControl({ home, url }) : await liveByManagement({ management, url });
  const declared = wholeTopology(dataplanesIn(live), partitionsIn(live));
  const { missing, different } = lacking(declared, live);
  const others = beside(declared, live);
  const names = new Set(declared.queues.map(({ name }) => name));
  const text = [
    ...section('declared queues that the broker has', live.queues.filter(({ name }) => names.has(name)).map(countsOf)),
    ...section('missing', missing),
    ...section('different', different),
    ...section('queues beside them', others.queues.map(describeBeside)),
    ...section('exchanges beside them', others.exchanges),
    ...section('bindings beside them', others.bindings),
  ].join('\n');
  return { text: `${text}\n`, isAsDeclared: missing.length + different.length === 0 };
}

/** @param {Live['queues'][number]} queue */
const countsOf = ({ name, messages, consumers }) =>
  `${name.padEnd(40)}  ${messages} message${messages === 1 ? '' : 's'}, ${consumers} consumer${consumers === 1 ? '' : 's'}`;

/** @param {Live['queues'][number]} queue */
function describeBeside(queue) {
  const what = passingQueues.find(({ pattern }) => pattern.test(queue.name))?.what ?? 'not known to Signalbox';
  return `${countsOf(queue)}; ${what}`;
}

/** @param {string} title @param {string[]} lines */
const section = (title, lines) => [`${title} (${lines.length})`, ...lines.toSorted().map((line) => `  ${line}`), ''];
