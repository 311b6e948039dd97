import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** One project a package, named after its folder, so that `vitest run --project messaging` runs just that package. */
const packages = ['libs', 'apps'].flatMap((group) => readdirSync(group).map((name) => ({ root: `${group}/${name}`, name })));

export default defineConfig({
  test: {
    projects: packages.map(({ root, name }) => ({
      test: { name, root, include: ['src/**/*.test.ts', 'test/**/*.test.ts'] },
    })),
  },
});
