// A reader in a process of its own: `node child-reader.mjs <url> <id>`; SIGTERM stops only the reader.
import { startReader } from '@signalbox/reader-client';

const [url, id] = process.argv.slice(2);
const reader = startReader({
  url,
  reader_id: id,
  consumer_groups: [],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  heartbeat_wait_interval: 1,
});
reader.ready();
process.once('SIGTERM', () => void reader.stop());
