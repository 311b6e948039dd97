import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './vitest.sequencer.ts';

/** Starts RabbitMQ and Postgres once for the tests in `test/` folders, when one of those is to be run. */
const INFRA = fileURLToPath(new URL('libs/testing/src/vitest-global-setup.ts', import.meta.url));

/** The first starts servers of its own, as that is what it does; the other is pure, also in its longer tests. */
const WITHOUT_INFRA = ['local-infra', 'state-streams'];

const shared = { testTimeout: 60_000, hookTimeout: 120_000 };

/** One project a package, named after its folder, so that `vitest run --project messaging` runs just that package. */
const packages = ['libs', 'apps'].flatMap((group) =>
  readdirSync(group).map((name) => ({ root: `${group}/${name}`, name })),
);

export default defineConfig({
  test: {
    // Tests wait more than they work, also where there are few cores.
    sequence: { sequencer: LongestFirst },
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      ...packages.map(({ root, name }) => ({
        test: {
          ...shared,
          name,
          root,
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          globalSetup: existsSync(`${root}/test`) && !WITHOUT_INFRA.includes(name) ? [INFRA] : [],
        },
      })),
      {
        test: { ...shared, name: 'test', root: 'test', include: ['**/*.test.ts'], globalSetup: [INFRA] },
      },
    ],
  },
});
