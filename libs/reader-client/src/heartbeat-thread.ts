import { parentPort, workerData } from 'node:worker_threads';
import { Beater } from './beater.js';
import { BrokerPublisher } from './broker-publisher.js';
import type { Destination } from './checked-options.js';
import { ControlQueues } from './control-queues.js';
import type { ThreadEvent, ThreadRequest } from './thread-messages.js';

/**
 * The heartbeats have a thread and a connection of their own: a reader that is busy with a request for a minute still publishes
 * them. They are in the reader's process: a reader that is killed becomes silent.
 */
const { source, exchange, routingKey } = workerData as Destination;
const post = (event: ThreadEvent): void => parentPort?.postMessage(event);
const log = (line: (ThreadEvent & { kind: 'log' })['line']): void => post({ kind: 'log', line });

const control = new ControlQueues({ log, onStop: (bootId, command) => post({ kind: 'command', bootId, command }) });

const publisher = new BrokerPublisher({
  source,
  exchange,
  log,
  onSession: (session) => control.connected(session),
  onChange: (connected) => {
    post({ kind: 'connected', connected });
    if (connected) beater.beatAll();
    else control.disconnected();
  },
});

const beater = new Beater({
  publisher,
  routingKey,
  onConfirmed: (bootId, { seq, sent_at, state }) => {
    post({ kind: 'confirmed', bootId, beat: { seq, sent_at, state } });
    if (state === 'stopping') end(bootId);
  },
});

function end(bootId: string): void {
  beater.remove(bootId);
  control.remove(bootId);
  post({ kind: 'ended', bootId });
}

function handle(request: ThreadRequest): void {
  switch (request.kind) {
    case 'add':
      if (request.isControllable) control.add(request.bootId, request.identity.reader_id);
      return beater.add(request.bootId, request.identity);
    case 'update':
      if (request.state === 'stopping') control.stopping(request.bootId);
      return beater.update(request.bootId, request.state, request.identity);
    case 'abandon':
      return end(request.bootId);
    case 'close':
      // With the connection and this port closed, the thread ends by itself.
      beater.stop();
      control.disconnected();
      publisher.close();
      parentPort?.close();
  }
}

parentPort?.on('message', handle);
await publisher.open();
