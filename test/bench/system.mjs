// @ts-check
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { testBroker, testDatabase } from '@signalbox/testing';
import { service } from './http.mjs';

/** @typedef {Awaited<ReturnType<typeof service>>} Service */

/**
 * A gateway, and what else a benchmark starts, as processes on a broker and a database of their own.
 * @param {{ execArgv?: string[] }} [options] `execArgv`: of Node.js for the gateway
 */
export async function startSystem({ execArgv = [] } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const broker = await testBroker();
  const database = await testDatabase();
  /** @type {Set<Service>} */
  const running = new Set();
  const start = async (
    /** @type {string} */ name,
    /** @type {NodeJS.ProcessEnv} */ env = {},
    /** @type {string[]} */ args = [],
    /** @type {'ignore' | 'pipe'} */ stdout = 'ignore',
  ) => {
    const common = {
      PATH: process.env.PATH,
      RABBITMQ_URL: broker.url,
      BROKER_SENDERS: 'unchecked',
      DATABASE_URL: database.url,
      LOG_LEVEL: 'warn',
    };
    const started = await service(name, { ...common, SIGNALBOX_MANAGEMENT_PORT: '0', ...env }, args, stdout);
    running.add(started);
    return started;
  };
  const keyFile = join(home, 'admin.key');
  const gateway = await start('gateway', { PORT: '0', SIGNALBOX_ADMIN_KEY_FILE: keyFile }, execArgv);
  const headers = { 'x-api-key': readFileSync(keyFile, 'utf8').trim() };
  return {
    home,
    keyFile,
    brokerUrl: broker.url,
    gateway,
    headers,
    start,
    /** Until the gateway has the keys it answers 503. @param {string} method @param {string} path @param {unknown} body @returns {Promise<any>} the JSON of the answer */
    async send(method, path, body) {
      const options = {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      for (;;) {
        const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, options);
        if (response.ok) return response.json();
        if (response.status !== 503) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
        await wait(100);
      }
    },
    /** @param {string} path @returns {Promise<any>} the JSON of the answer */
    get: async (path) => (await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers })).json(),
    /** @param {Service} stopped */
    async stop(stopped) {
      running.delete(stopped);
      await stopped.stop();
    },
    async close() {
      await Promise.all([...running].map((each) => each.stop()));
      await broker.remove();
      await database.remove();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
