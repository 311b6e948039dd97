// A sample reader: it waits as if it loaded a model, serves nothing, and publishes heartbeats.
// `node examples/reader.mjs --help` says how to run it; docs/messages.md says how to write your own.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { readArguments, usage } from './lib/reader-arguments.mjs';
import { claimPidFile } from './lib/pid-file.mjs';
import { connectionUrl } from './lib/connection-url.mjs';

// The reader of the output may have ended: heartbeats go on.
process.stdout.on('error', () => {});
const print = (text) => console.log(`${new Date().toISOString()} ${text}`);

function fail(text, code = 1) {
  console.error(text);
  process.exit(code);
}

const args = readArguments(process.argv.slice(2));
if (args.help) {
  console.log(usage);
  process.exit(0);
}
if (args.problem) fail(`${args.problem}\n\n${usage}`, 2);

const { startReader } = await import('@signalbox/reader-client').catch((error) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND')
    fail('Signalbox is not built yet: run `npm start`, or `npm ci && npm run build`.');
  throw error;
});

let reader;
try {
  claimPidFile(args.id);
  reader = startReader({
    url: connectionUrl('READER_RABBITMQ_URL'),
    reader_id: args.id,
    consumer_groups: args.groups,
    model_name: args.model,
    model_type: args.type,
    device: args.device,
    heartbeat_wait_interval: args.interval,
    backend: 'sample',
    log: ({ text }) => print(text),
  });
} catch (error) {
  fail(error.message);
}

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => stopped.abort());
}

print(`${args.id}: loading ${args.model} (${args.type}) on ${args.device}, a heartbeat every ${args.interval} s`);
await sleep(args.loadSeconds * 1_000, undefined, { signal: stopped.signal }).catch(() => undefined);
if (!stopped.signal.aborted) {
  reader.ready();
  print(`${args.id}: ready; Ctrl-C deregisters it`);
  await once(stopped.signal, 'abort');
}
print(`${args.id}: stopping`);
await reader.stop();
