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

  it('are those that read a file which they name', () => {
    expect(touchedBy('docs/PAGE.md')).toEqual(['test/docs.test.ts']);
  });

  it('are a changed test itself, and none where nothing is affected', () => {
    expect(touchedBy('libs/a/src/two.test.ts')).toEqual(['libs/a/src/two.test.ts']);
    expect(touchedBy('README.md')).toEqual([]);
  });

  it("are all of a package when its manifest changes, and all there are when the repository's does", () => {
    expect(touchedBy('libs/b/package.json')).toEqual(['libs/b/src/b.test.ts', 'test/system/status.test.ts']);
    expect(touchedBy('package.json')).toHaveLength(5);
  });
});
