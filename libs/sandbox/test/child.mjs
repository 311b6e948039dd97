// @ts-check
// A child that does what the test asks for.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { connectToParent } from '@signalbox/sandbox/child';

/** @type {unknown[]} */
const kept = [];

/** What a program may try that was taken over. @type {Record<string, () => unknown>} */
const attempts = {
  environment: () => readFileSync(`/proc/${process.ppid}/environ`),
  file: () => readFileSync('/etc/hostname'),
  write: () => writeFileSync(join(tmpdir(), `signalbox-sandbox-${process.pid}`), ''),
  process: () => spawn('/bin/true'),
  thread: () => new Worker('', { eval: true }),
};

/** @param {() => unknown} attempt */
function outcomeOf(attempt) {
  try {
    attempt();
    return 'allowed';
  } catch (error) {
    return /** @type {{ code: string }} */ (error).code;
  }
}

/** @type {Record<string, (bytes: Buffer) => unknown>} */
const tasks = {
  echo: (bytes) => parent.send({ echo: true }, bytes),
  look: () => parent.send({ env: process.env, argv: process.argv.slice(2), execArgv: process.execArgv }),
  hang: () => {
    for (;;);
  },
  eatBuffers: () => {
    for (;;) kept.push(Buffer.alloc(2 ** 22, 1));
  },
  eatHeap: () => {
    for (;;) kept.push({ text: `${kept.length}` });
  },
  throw: () => {
    throw new Error('broken by the test');
  },
  flood: () => {
    for (let line = 0; line < 20_000; line += 1) process.stdout.write(`line ${line} ${'x'.repeat(500)}\n`);
    process.stdout.write('', () => parent.send({ flooded: true }));
  },
  log: () => {
    process.stdout.write(
      `${JSON.stringify({ level: 'error', name: 'child', msg: 'a message', datasource: 'ds_1' })}\n`,
    );
    process.stdout.write('', () => parent.send({ logged: true }));
  },
  endless: () => parent.send({ text: 'x'.repeat(2 ** 21) }),
  fork: () => {
    const pids = [false, true].map((detached) => {
      const { pid } = spawn('/bin/sleep', ['600'], { detached, stdio: ['ignore', 1, 2, 3] });
      return pid;
    });
    parent.send({ pids });
  },
  try: () =>
    parent.send(Object.fromEntries(Object.entries(attempts).map(([name, attempt]) => [name, outcomeOf(attempt)]))),
  debug: () => process.kill(process.ppid, 'SIGUSR1'),
  exit: () => process.exit(3),
};

const parent = connectToParent({
  onMessage: ({ message, bytes }) => tasks[/** @type {string} */ (message)]?.(bytes),
  onStop: async () => parent.send({ stopped: true }),
});
