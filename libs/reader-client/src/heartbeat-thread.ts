import { parentPort, workerData } from 'node:worker_threads';
import { Beater } from './beater.js';
import { BrokerLine } from './broker-line.js';
import type { Say, ThreadData, Told } from './thread-messages.js';

/**
 * A thread with a connection of its own, so that a reader busy with a request for a minute still beats, and one that was
 * killed falls silent.
 */
const data = workerData as ThreadData;
const tell = (told: Told): void => parentPort?.postMessage(told);

const line = new BrokerLine({
  url: data.url,
  exchange: data.exchange,
  log: (logLine) => tell({ kind: 'log', line: logLine }),
  onChange: (connected) => {
    tell({ kind: 'connected', connected });
    if (connected) beater.beat();
  },
});

const beater = new Beater({
  line,
  bootId: data.bootId,
  identity: data.identity,
  onConfirmed: ({ seq, sent_at, state }) => {
    tell({ kind: 'confirmed', beat: { seq, sent_at, state } });
    if (state !== 'stopping') return;
    // Nothing is left to say: with the line and this port closed, the thread ends by itself.
    beater.rest();
    line.close();
    parentPort?.close();
  },
});

parentPort?.on('message', ({ state, identity }: Say) => beater.say(state, identity));
await line.open();
