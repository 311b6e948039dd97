// @ts-check
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testBroker, testDatabase } from '@signalbox/testing';
import { connect } from 'amqplib';
import { besidePlain, service } from './http.mjs';

const READERS = 1_000;
const REQUESTS = 4_000;

/** `GET /status` of a real gateway beside `node:http` sending the same bytes; requests per second, taken in turn. */
export async function* statusBody() {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const broker = await testBroker();
  const database = await testDatabase();
  const env = {
    PATH: process.env.PATH,
    RABBITMQ_URL: broker.url,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'warn',
    SIGNALBOX_MANAGEMENT_PORT: '0',
  };
  const heartbeat = await service('reader-heartbeat', env);
  const keyFile = join(home, 'admin.key');
  const gateway = await service('gateway', { ...env, PORT: '0', SIGNALBOX_ADMIN_KEY_FILE: keyFile });
  try {
    const headers = { 'x-api-key': readFileSync(keyFile, 'utf8').trim() };
    await beat(broker.url);
    const bytes = await untilAll(gateway.port, headers);
    yield* besidePlain({
      title: `GET /status, ${READERS.toLocaleString('en')} readers`,
      port: gateway.port,
      path: '/status',
      headers,
      bytes,
      requests: REQUESTS,
    });
  } finally {
    for (const each of [gateway, heartbeat]) await each.stop();
    await broker.remove();
    await database.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

/** @param {string} url */
async function beat(url) {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const beats = Array.from({ length: READERS }, (_, index) => ({
    reader_id: `reader-${index}`,
    state: 'ready',
    consumer_name: `reader-${index}`,
    consumer_groups: ['primary'],
    model_name: 'llama-3-70b',
    model_type: 'chat',
    device: 'cuda',
    pids: [index],
    heartbeat_wait_interval: 3_600,
  }));
  channel.publish('signalbox.heartbeats', 'bench', Buffer.from(JSON.stringify(beats)), {
    contentType: 'application/json',
  });
  await channel.waitForConfirms();
  await connection.close();
}

/** @param {number} port @param {Record<string, string>} headers @returns {Promise<Buffer>} the body once all readers are in it */
async function untilAll(port, headers) {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/status`, { headers });
    const text = await response.text();
    if (text.split('"heartbeat_timestamp"').length > READERS) return Buffer.from(text);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
