// Starts examples/model-server.py and shows it as a reader, with @signalbox/reader-client. `signalbox-reader` does the same from a command line.
//
//     node examples/model-reader.mjs my-model          (another port: PORT=8001)
import { fileURLToPath } from 'node:url';
import { startModelServerReader } from '@signalbox/reader-client';
import { connectionUrl } from './lib/connection-url.mjs';
import { fail, readPositionals } from './lib/options.mjs';

const usage = `Usage: node examples/model-reader.mjs [id]

  id    of the reader (sample-model)

It starts examples/model-server.py on 127.0.0.1 at PORT (8000), and connects to READER_RABBITMQ_URL. Without that variable it
reads the URL from connection.env, which \`npm start\` writes into the folder SIGNALBOX_HOME (default: .signalbox in this checkout).`;

const [id = 'sample-model'] = readPositionals(usage, { positionals: 1 });
const port = process.env.PORT ?? '8000';

function start() {
  return startModelServerReader({
    url: connectionUrl('READER_RABBITMQ_URL'),
    reader_id: id,
    consumer_groups: ['primary'],
    model_name: 'bigrams',
    model_type: 'completion',
    device: 'cpu',
    backend: 'python',
    config: { port: Number(port), order: 2 },
    healthUrl: `http://127.0.0.1:${port}/health`,
    command: ['python3', fileURLToPath(new URL('model-server.py', import.meta.url)), '--port', port],
    log: ({ level, text }) => console.error(level, text),
  });
}

let server;
try {
  server = start();
} catch (error) {
  fail(error.message);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void server.stop(signal));
process.exit(await server.ended);
