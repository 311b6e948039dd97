import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { WaitingFirst } from './vitest.sequencer.ts';

/** Starts RabbitMQ and Postgres once for the tests in `test/` folders, when one of those is to be run. */
const INFRA = fileURLToPath(new URL('libs/testing/src/vitest-global-setup.ts', import.meta.url));

/** Bundles the services, which tests start as processes and in their own. */
const BUNDLES = fileURLToPath(new URL('scripts/lib/prepare/bundle-for-tests.mjs', import.meta.url));

const shared = {
  root: '.',
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // All files of a worker share its process, which loads each module once: half the CPU time.
  pool: 'forks',
  isolate: false,
} as const;

/** Services that run in the process of a test run from their bundle, and compiled code is not compiled again. */
const server = { deps: { external: [/\/(dist|bundle)\//] } };

/** Some files or packages: `vitest run libs/messaging`. */
export default defineConfig({
  test: {
    // Tests wait more than they work, also where there are few cores.
    sequence: { sequencer: WaitingFirst },
    maxWorkers: Math.max(5, availableParallelism()),
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['{libs,apps}/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['{libs,apps}/*/test/**/*.test.ts'],
          globalSetup: [INFRA, BUNDLES],
        },
      },
      {
        test: {
          ...shared,
          name: 'component',
          include: ['test/component/**/*.test.ts'],
          // They start the bundled programs of sandboxes.
          globalSetup: [INFRA, BUNDLES],
          server,
        },
      },
      {
        test: {
          ...shared,
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/component/**'],
          globalSetup: [INFRA, BUNDLES],
          server,
        },
      },
    ],
  },
});
