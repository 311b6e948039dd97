// Reader clients in a process of its own, driven by lines of JSON, as driver.py is: tests of both run the same steps.
import { createInterface } from 'node:readline';
import { startReader, startReaderHost } from '@signalbox/reader-client';

const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const log = ({ level, text }) => print({ event: 'log', level, text });
const camel = (name) =>
  ['url_file', 'routing_key', 'stop_on_sigterm'].includes(name)
    ? name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
    : name;
const own = (options) => Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));

const readers = new Map();
let host;

function onStop(mode) {
  if (mode === undefined) return undefined;
  return async (command) => {
    print({ event: 'command', command });
    if (mode === 'fails') throw new Error('as asked');
    if (mode === 'waits') await new Promise((resolve) => (release = resolve));
  };
}
let release = () => {};

const settings = ({ options, on_stop }) => {
  const callback = onStop(on_stop);
  return { ...own(options), ...(callback && { onStop: callback }) };
};

const steps = {
  start: (step) => readers.set(step.options.reader_id, startReader({ ...settings(step), log })),
  host: ({ options }) => (host = startReaderHost({ ...own(options), log })),
  add: (step) => readers.set(step.options.reader_id, host.add(settings(step))),
  ready: ({ id }) => readers.get(id).ready(),
  loading: ({ id }) => readers.get(id).loading(),
  update: ({ id, change }) => readers.get(id).update(change),
  status: ({ id }) => print({ event: 'status', status: readers.get(id).status() }),
  stop: async ({ id }) => {
    await readers.get(id).stop();
    print({ event: 'stopped', id });
  },
  abandon: async ({ id }) => {
    await readers.get(id).abandon();
    print({ event: 'stopped', id });
  },
  stop_host: async () => {
    await host.stop();
    print({ event: 'stopped' });
  },
  release: () => release(),
  busy: ({ ms }) => {
    for (const until = Date.now() + ms; Date.now() < until;);
    print({ event: 'idle' });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  try {
    void steps[step.step](step);
  } catch (error) {
    print({ event: 'error', message: error.message });
  }
}
