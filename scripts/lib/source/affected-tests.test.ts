import { describe, expect, it } from 'vitest';
import { affectedTests } from './affected-tests.mjs';
import { withFiles } from './files-in-folder.js';

const files = {
  'package.json': '{}',
  'libs/a/package.json': JSON.stringify({
    name: '@signalbox/a',
    exports: { '.': { default: './dist/index.js' }, './deep': { default: './dist/deep/index.js' } },
  }),
  'libs/a/src/index.ts': "export * from './one.js';",
  'libs/a/src/one.ts': '',
  'libs/a/src/one.test.ts': "import { one } from './one.js';",
  'libs/a/src/two.ts': '',
  'libs/a/src/two.test.ts': "import { two } from './two.js';",
  'libs/a/src/deep/index.ts': '',
  'libs/b/package.json': JSON.stringify({ name: '@signalbox/b', exports: { '.': { default: './dist/index.js' } } }),
  'libs/b/src/index.ts': "export type { One } from '@signalbox/a';",
  'libs/b/src/b.test.ts': "const { deep } = await import('@signalbox/a/deep');",
  'apps/gateway/src/main.ts': "import { b } from '@signalbox/b';",
  'test/support/system.ts': "const started = start('gateway');",
  'test/system/status.test.ts': "import { start } from '../support/system.js';",
  'test/docs.test.ts': "read('docs/PAGE.md');",
  'docs/PAGE.md': '',
  'docs/operations.md': 'Settings are in `deploy/deleted.conf`, and `scripts/named.mjs` reads them.',
  'scripts/named.mjs': '',
  'test/architecture/documents.test.ts': "readdirSync(join(checkout, 'docs'));",
  'apps/dataplane-agent/src/main.ts': "import './agent.js';",
  'apps/dataplane-agent/src/agent.ts': "new Worker(new URL('./worker.js', import.meta.url));",
  'apps/dataplane-agent/src/worker.ts': '',
  'apps/dataplane-agent/src/resolver.ts': '',
  'apps/dataplane-agent/test/support.ts': "const MAIN = new URL('../bundle/main.js', import.meta.url);",
  'apps/dataplane-agent/test/agent.test.ts': "import { MAIN } from './support.js';",
  'apps/dataplane-agent/test/resolver.test.ts': "import { Resolver } from '../dist/resolver.js';",
  'apps/gateway/src/config.ts': '',
  'test/deploy/compose.test.ts': 'import(inCheckout(`apps/${name}/dist/config.js`));',
  'test/contracts/registry-project.schema.json': '{}',
  'test/component/registry-document.test.ts': 'read(new URL(`../contracts/${name}`, import.meta.url));',
  'vitest.config.ts': '',
  'scripts/lib/prepare/bundle-for-tests.mjs': "import { bundleAll } from './bundle.mjs';",
  'scripts/lib/prepare/bundle.mjs': "import { checkout } from '../base/home.mjs'; foldersIn('apps');",
  'scripts/lib/base/home.mjs': '',
  'libs/testing/src/vitest-global-setup.ts': "await import('./start-test-infra.js');",
  'libs/testing/src/start-test-infra.ts': '',
};

const touchedBy = (...changed: string[]): string[] => {
  let touched: string[] = [];
  withFiles(files, (folder) => {
    touched = affectedTests(folder, Object.keys(files), changed);
  });
  return touched;
};

describe('the tests that a change touches', () => {
  it('are those that import it, inside its package', () => {
    expect(touchedBy('libs/a/src/two.ts')).toEqual(['libs/a/src/two.test.ts']);
  });

  it('are those of dependent packages, over entries that are built, types included, up to services that a test starts', () => {
    expect(touchedBy('libs/a/src/one.ts')).toEqual(['libs/a/src/one.test.ts', 'test/system/status.test.ts']);
    expect(touchedBy('libs/a/src/deep/index.ts')).toEqual(['libs/b/src/b.test.ts']);
  });

  it('are those that read a file which they name, or its folder', () => {
    expect(touchedBy('docs/PAGE.md')).toEqual(['test/docs.test.ts', 'test/architecture/documents.test.ts']);
  });

  it('are a changed test itself, and none where nothing is affected', () => {
    expect(touchedBy('libs/a/src/two.test.ts')).toEqual(['libs/a/src/two.test.ts']);
    expect(touchedBy('README.md')).toEqual([]);
  });

  it("are all of a package when its manifest changes, and all there are when the repository's does", () => {
    expect(touchedBy('libs/b/package.json')).toEqual(['libs/b/src/b.test.ts', 'test/system/status.test.ts']);
    expect(touchedBy('package.json')).toHaveLength(10);
  });

  it('are those of a service that test support starts from its bundle, and of what its tests load from dist', () => {
    expect(touchedBy('apps/dataplane-agent/src/agent.ts')).toEqual(['apps/dataplane-agent/test/agent.test.ts']);
    expect(touchedBy('apps/dataplane-agent/src/resolver.ts')).toEqual(['apps/dataplane-agent/test/resolver.test.ts']);
    expect(touchedBy('apps/dataplane-agent/src/worker.ts')).toContain('apps/dataplane-agent/test/agent.test.ts');
  });

  it('are those that name a path with a value in it', () => {
    expect(touchedBy('test/contracts/registry-project.schema.json')).toEqual([
      'test/component/registry-document.test.ts',
    ]);
    expect(touchedBy('apps/gateway/src/config.ts')).toEqual(['test/deploy/compose.test.ts']);
  });

  it('are those that read all pages, also for what a page names or what is deleted', () => {
    const documents = ['test/architecture/documents.test.ts'];
    expect(touchedBy('docs/operations.md')).toEqual(documents);
    expect(touchedBy('scripts/named.mjs')).toEqual(documents);
    expect(touchedBy('docs/deleted.md')).toEqual(documents);
    expect(touchedBy('deploy/deleted.conf')).toEqual(documents);
  });

  it.each([
    'vitest.config.ts',
    'vitest.sequencer.ts',
    'package-lock.json',
    'tsconfig.base.json',
    'tsconfig.json',
    'scripts/lib/prepare/bundle-for-tests.mjs',
    'scripts/lib/prepare/bundle.mjs',
    'scripts/lib/prepare/bundle-entry.mjs',
    'scripts/lib/base/home.mjs',
    'libs/testing/src/vitest-global-setup.ts',
    'libs/testing/src/start-test-infra.ts',
  ])('are all there are when %s changes, which each run needs', (file) => {
    const count = Object.keys(files).filter((name) => name.endsWith('.test.ts')).length;
    expect(touchedBy(file)).toHaveLength(count);
  });
});
