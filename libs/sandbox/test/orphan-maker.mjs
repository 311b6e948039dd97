// @ts-check
// A parent that starts a child, prints its process id, and makes the child hang.
import { Sandbox } from '@signalbox/sandbox';
import { createLogger, systemClock } from '@signalbox/platform';

const sandbox = new Sandbox(
  {
    module: new URL('child.mjs', import.meta.url),
    env: {},
    memoryBytes: 2 ** 28,
    heapBytes: 2 ** 26,
    clock: systemClock,
    logger: createLogger({ name: 'test', level: 'silent' }),
    limits: { message: 2 ** 20, bytes: 2 ** 20 },
    startWithinMs: 60_000,
    pingEveryMs: 60_000,
    missedPings: 3,
    stopWithinMs: 1_000,
  },
  {
    onReady: () => {
      sandbox.send('hang');
      process.stdout.write(`${sandbox.pid}\n`);
    },
    onFrame: () => undefined,
    onEnd: () => undefined,
  },
);
