// @ts-check
import { testDatabase } from '@signalbox/testing';
import { fed, startFed, startFedRaw } from './feeding.mjs';
import { median } from './measure.mjs';
import { watchMessage } from './programs.mjs';

const READERS = 10_000;
const ROUNDS = 5;
const SECONDS = 2;
const PER_SECOND = 5_000;
/** Of a round in which the consumer sets the pace. */
const UNPACED = 60_000;

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {import('./fed.mjs').Feed} Feed */
/** @typedef {import('./fed.mjs').Fed} Fed */

/**
 * What reader-heartbeat, as `npm start` runs it, takes for a heartbeat of a known reader, beside a consumer that only has amqplib. Both get the same
 * deliveries from a stand-in for the broker. `HEARTBEATS_PROFILE` names a file for a CPU profile of reader-heartbeat.
 */
export async function* heartbeats() {
  const database = await testDatabase();
  const raw = await startFedRaw();
  const ours = await startFed(database.url);
  const contenders = [
    { name: 'amqplib: noAck, JSON.parse, Map.set', child: raw.child },
    { name: 'reader-heartbeat', child: ours.child },
  ];
  try {
    for (const { child } of contenders) await fed(child, { readers: READERS, count: READERS, batch: 100, chunk: 1 });
    const profile = process.env.HEARTBEATS_PROFILE;
    if (profile !== undefined) await watchMessage(ours.child, { watch: 'begin', profile });
    const count = SECONDS * PER_SECOND;
    for (const chunk of [25, 250]) {
      const feed = { readers: READERS, count, batch: 1, chunk, perSecond: PER_SECOND, isRepeated: true };
      yield* report(`heartbeats, ${chunk} in a read, ${PER_SECOND.toLocaleString('en')}/s`, feed, contenders);
    }
    if (profile !== undefined) await watchMessage(ours.child, { watch: 'end' });
    const [singles] = yield* report(
      'as many as it takes, 25 in a read',
      { readers: READERS, count: UNPACED, batch: 1, chunk: 25, isRepeated: true },
      contenders.slice(1),
    );
    const [batches] = yield* report(
      'as many as it takes, 100 in a message',
      { readers: READERS, count: 5 * UNPACED, batch: 100, chunk: 5, isRepeated: true },
      contenders.slice(1),
    );
    yield `  batches take in ${(Number(batches) / Number(singles)).toFixed(1)} × as many heartbeats a second`;
  } finally {
    raw.child.kill();
    await ours.stop();
    await database.remove();
  }
}

/** @param {string} title @param {Feed} feed @param {{ name: string, child: ChildProcess }[]} contenders */
async function* report(title, feed, contenders) {
  const rounds = contenders.map(() => /** @type {Fed[]} */ ([]));
  for (let round = 0; round <= ROUNDS; round++)
    for (const [index, { child }] of contenders.entries()) {
      const cost = await fed(child, feed);
      if (round > 0) rounds[index]?.push(cost);
    }
  yield title;
  const cpu = rounds.map((costs) => median(costs.map(({ cpuUs }) => cpuUs / feed.count)));
  const rates = rounds.map((costs) => feed.count / median(costs.map(({ seconds }) => seconds)));
  for (const [index, { name }] of contenders.entries()) {
    const ratios = rounds[index]?.map(({ cpuUs }, round) => cpuUs / (rounds[0]?.[round]?.cpuUs ?? NaN)) ?? [];
    const shown = [cpu[index]?.toFixed(2).padStart(6), median(ratios).toFixed(2).padStart(5)];
    yield `  ${name.padEnd(40)} ${shown[0]} µs CPU  ${shown[1]} ×  ${Math.round(rates[index] ?? NaN)
      .toLocaleString('en')
      .padStart(8)}/s`;
  }
  return rates;
}
