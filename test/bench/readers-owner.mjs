// @ts-check
// The owner of the stream of readers, in place of reader-heartbeat: it publishes what that would, and costs a benchmark less.
import { setTimeout as wait } from 'node:timers/promises';
import { exchanges, messageTypes } from '@signalbox/contracts/messages';
import { readersEntries, readersStream } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { createLogger, Health, systemClock } from '@signalbox/platform';
import { StreamAnnouncer, StreamOwner } from '@signalbox/state-streams';

const { name: stream } = readersStream(0);
const BEATS_PER_MESSAGE = 1_000;
const TICK_MS = 1_000;

/** @typedef {{ brokerUrl: string, readers: number, beatSeconds: number }} Options `beatSeconds`: of each reader between two beats; 0: none beats */
/** @typedef {{ change: number, state: 'live' | 'dead' } | { silent: boolean }} Order the number of a reader, or whether none beats from now on */

process.once('message', (/** @type {Options} */ options) => void serve(options));
process.once('disconnect', () => process.exit());

/** @param {Options} options */
async function serve({ brokerUrl, readers, beatSeconds }) {
  const logger = createLogger({ name: 'bench', level: 'silent' });
  const amqp = new Amqp({
    url: brokerUrl,
    name: 'bench',
    logger,
    topology: { exchanges: [exchanges.state, exchanges.requests, exchanges.deadLetters], queues: [], bindings: [] },
    deadLetters: { exchange: exchanges.deadLetters.name },
  });
  await amqp.open();
  const settings = { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3 };
  /** @type {[string, object][]} */
  const entries = Array.from({ length: readers }, (_, number) => entryOf(number, 'live'));
  entries.push([readersEntries.settings.key(), settings]);
  const owner = new StreamOwner({ stream, epoch: Date.now(), entries });
  const announcer = new StreamAnnouncer({ stream, amqp, clock: systemClock, logger, health: new Health() });
  announcer.own(owner);
  let isSilent = false;
  process.on('message', (/** @type {Order} */ order) => {
    if ('silent' in order) isSilent = order.silent;
    else void change(order);
  });
  process.send?.({});
  if (beatSeconds > 0) await beat();

  /** Answers when the broker has it. @param {{ change: number, state: 'live' | 'dead' }} order */
  async function change({ change: number, state }) {
    const [key, value] = entryOf(number, state);
    for (const delta of owner.commit([{ key, value }])) await announcer.announce(delta);
    process.send?.({ at: Date.now() });
  }

  /** Each second those whose turn it is, which stand far apart. */
  async function beat() {
    for (let turn = 0; ; turn = (turn + 1) % beatSeconds) {
      const startedAt = performance.now();
      /** @type {[string, number][]} */
      const beats = [];
      for (let number = turn; number < readers; number += beatSeconds) beats.push([idOf(number), Date.now()]);
      for (let from = 0; from < beats.length && !isSilent; from += BEATS_PER_MESSAGE) {
        const body = { stream, epoch: owner.epoch, beats: beats.slice(from, from + BEATS_PER_MESSAGE) };
        await amqp.publisher.publish({
          exchange: exchanges.state.name,
          routingKey: stream,
          type: messageTypes.beats,
          body,
        });
      }
      await wait(Math.max(0, TICK_MS - (performance.now() - startedAt)));
    }
  }
}

/** @param {number} number */
const idOf = (number) => `llama-70b-${String(number).padStart(6, '0')}`;

/** @param {number} number @param {'live' | 'dead'} state @returns {[string, import('@signalbox/contracts/streams').ReaderEntry]} */
function entryOf(number, state) {
  const now = Date.now();
  const id = idOf(number);
  return [
    readersEntries.reader.key(id),
    {
      reader_id: id,
      state,
      consumer_name: id,
      consumer_groups: [`group-${number % 20}`],
      model_name: `llama-3-70b-${number % 50}`,
      model_type: 'chat',
      device: 'cuda',
      pids: [number, number + 1],
      heartbeat_wait_interval: 10,
      received_at: now,
      since: now,
      boot_id: `01JD${number}`,
      flapping_since: null,
      backend: null,
    },
  ];
}
