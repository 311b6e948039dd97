import { parentPort, workerData } from 'node:worker_threads';
import { Beater } from './beater.js';
import { BrokerPublisher } from './broker-publisher.js';
import type { ReaderUpdate, ThreadData, ThreadEvent } from './thread-messages.js';

/**
 * The heartbeats have a thread and a connection of their own: a reader that is busy with a request for a minute still publishes
 * them. They are in the reader's process: a reader that is killed becomes silent.
 */
const data = workerData as ThreadData;
const post = (event: ThreadEvent): void => parentPort?.postMessage(event);

const publisher = new BrokerPublisher({
  url: data.url,
  exchange: data.exchange,
  log: (logLine) => post({ kind: 'log', line: logLine }),
  onChange: (connected) => {
    post({ kind: 'connected', connected });
    if (connected) beater.beat();
  },
});

const beater = new Beater({
  publisher,
  bootId: data.bootId,
  identity: data.identity,
  onConfirmed: ({ seq, sent_at, state }) => {
    post({ kind: 'confirmed', beat: { seq, sent_at, state } });
    if (state !== 'stopping') return;
    // The deregistration is confirmed. With the connection and this port closed, the thread ends by itself.
    beater.stop();
    publisher.close();
    parentPort?.close();
  },
});

parentPort?.on('message', ({ state, identity }: ReaderUpdate) => beater.update(state, identity));
await publisher.open();
