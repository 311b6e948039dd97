import { describe, expect, it } from 'vitest';
import { describeCycle, folderCycles } from './folder-cycles.mjs';
import { withFiles } from '../source/files-in-folder.js';

const cyclesIn = (files: Record<string, string>): string[] => {
  let described: string[] = [];
  withFiles(files, (folder) => {
    described = folderCycles(folder, Object.keys(files)).map(describeCycle);
  });
  return described;
};

describe('the check of folder cycles', () => {
  it('names two folders that import each other, and the files', () => {
    expect(
      cyclesIn({
        'apps/x/src/a/one.ts': "import { two } from '../b/two.js';",
        'apps/x/src/b/two.ts': "export type { Three } from '../a/three.js';",
        'apps/x/src/a/three.ts': '',
      }),
    ).toEqual([
      'Folders import each other: apps/x/src/a → apps/x/src/b → apps/x/src/a\n' +
        '  apps/x/src/a/one.ts imports apps/x/src/b/two.ts\n' +
        '  apps/x/src/b/two.ts imports apps/x/src/a/three.ts',
    ]);
  });

  it('finds a cycle over three folders, of a folder with its own subfolder, and in scripts', () => {
    const found = cyclesIn({
      'libs/x/src/a/a.ts': "import '../b/b.js';",
      'libs/x/src/b/b.ts': "const c = await import('../c/c.js');",
      'libs/x/src/c/c.ts': "import type { A } from '../a/a.js';",
      'libs/y/src/a/a.ts': "import './deep/b.js';",
      'libs/y/src/a/deep/b.ts': "import '../c.js';",
      'libs/y/src/a/c.ts': '',
      'scripts/lib/a/a.mjs': "import '../b/b.mjs';",
      'scripts/lib/b/b.mjs': "/** @typedef {import('../a/a.mjs').A} A */",
    });
    expect(found.map((text) => text.split('\n')[0])).toEqual([
      'Folders import each other: libs/x/src/a → libs/x/src/b → libs/x/src/c → libs/x/src/a',
      'Folders import each other: libs/y/src/a → libs/y/src/a/deep → libs/y/src/a',
      'Folders import each other: scripts/lib/a → scripts/lib/b → scripts/lib/a',
    ]);
  });

  it('lets a composition root import folders that import the configuration beside it, and tests import what they like', () => {
    expect(
      cyclesIn({
        'apps/x/src/main.ts': "import './a/a.js';",
        'apps/x/src/a/a.ts': "import '../config.js';",
        'apps/x/src/config.ts': '',
        'apps/x/src/b/b.ts': "import '../a/a.js';",
        'apps/x/src/a/a.test.ts': "import '../b/b.js';",
      }),
    ).toEqual([]);
  });

  it('finds a folder that imports the file in the root that imports it', () => {
    expect(
      cyclesIn({ 'apps/x/src/wiring.ts': "import './a/a.js';", 'apps/x/src/a/a.ts': "import '../wiring.js';" }),
    ).toHaveLength(1);
  });
});
