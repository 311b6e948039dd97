// @ts-check
// A child that does what the test asks for.
import { spawn } from 'node:child_process';
import { connectToParent } from '@signalbox/sandbox/child';

/** @type {unknown[]} */
const kept = [];

/** @type {Record<string, (bytes: Buffer) => void>} */
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
  exit: () => process.exit(3),
};

const parent = connectToParent({
  onMessage: ({ message, bytes }) => tasks[/** @type {string} */ (message)]?.(bytes),
  onStop: async () => parent.send({ stopped: true }),
});
