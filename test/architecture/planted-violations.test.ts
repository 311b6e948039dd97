import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';
import { lintPlants } from './lint-plants.js';
import { boundaries, compile, copyTree, lint, lintWithTypes, type Outcome, type Plant, plant } from './planted-tree.js';

const boundaryPlants: readonly Plant[] = [
  {
    kind: 'an app imports an app',
    file: 'apps/gateway/src/planted-app.ts',
    text: "import * as registry from '@signalbox/registry';\nexport const planted = registry;\n",
    says: /@signalbox\/registry/,
  },
  {
    kind: 'a package that is not declared is imported',
    file: 'libs/messaging/src/planted-undeclared.ts',
    text: "import pg from 'pg';\nexport const planted = pg;\n",
    says: /cannot import package `pg` because it is not a dependency/,
  },
  {
    kind: 'a file of another package is imported by its path',
    file: 'apps/gateway/src/planted-path.ts',
    text: "import { text } from '../../../libs/contracts/src/text.js';\nexport const planted = text;\n",
    says: /libs\/contracts\/src\/text/,
  },
];

/** Who must not depend on whom. Together they also close a circle of packages. */
const forbidden = [
  ['apps/gateway', 'registry'],
  ['libs/contracts', 'platform'],
  ['libs/platform', 'local-infra'],
  ['libs/messaging', 'contracts'],
  ['libs/persistence', 'contracts'],
  ['libs/state-streams', 'reader-client'],
  ['libs/reader-client', 'messaging'],
  ['libs/testing', 'contracts'],
  ['libs/local-infra', 'contracts'],
] as const;

/** Writes a dependency into a package's manifest; answers what takes it out again. */
function declare(tree: string, directory: string, dependency: string): () => void {
  const file = join(tree, directory, 'package.json');
  const before = readFileSync(file, 'utf8');
  const manifest = JSON.parse(before) as { version: string; dependencies?: Record<string, string> };
  writeFileSync(
    file,
    JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, [dependency]: manifest.version } }),
  );
  return () => {
    writeFileSync(file, before);
  };
}

/** Which package imports which, and what is pure: each rule is shown to reject its violation. */
describe('a planted violation', () => {
  let tree: string;
  let linted: Outcome;
  let declared: Outcome;

  beforeAll(async () => {
    tree = copyTree();
    plant(tree, lintPlants);
    linted = await lint(tree);
    for (const { file } of lintPlants) rmSync(join(tree, file));

    const undo = forbidden.map(([directory, name]) => declare(tree, directory, `@signalbox/${name}`));
    declared = await boundaries(tree);
    for (const restore of undo) restore();
  });
  afterAll(() => {
    rmSync(tree, { recursive: true, force: true });
  });

  const complaints = (): { filename: string }[] =>
    (JSON.parse(linted.stdout) as { diagnostics: { filename: string }[] }).diagnostics;

  it.each(lintPlants.filter(({ typed }) => typed))('$kind: lint names it', async ({ file, text, says }) => {
    plant(tree, [{ file, text }]);
    const { failed, stdout } = await lintWithTypes(tree, file);
    rmSync(join(tree, file));
    expect(failed).toBe(true);
    expect(stdout).toMatch(says);
  });

  it.each(lintPlants.filter(({ typed }) => !typed))('$kind: lint names it', ({ file, says }) => {
    expect(linted.failed).toBe(true);
    expect(JSON.stringify(complaints().filter(({ filename }) => filename === file))).toMatch(says);
  });

  it('none: lint has nothing to say of any other file', () => {
    const planted = new Set(lintPlants.map(({ file }) => file));
    expect(complaints().filter(({ filename }) => !planted.has(filename))).toEqual([]);
  });

  it.each(forbidden)('%s declares %s: the boundaries name it', (directory, name) => {
    const owner = `@signalbox/${directory.slice(directory.indexOf('/') + 1)}`;
    expect(declared.failed).toBe(true);
    expect(declared.output).toContain(
      `Package \`@signalbox/${name}\` found without any tag listed in allowlist for \`${owner}\``,
    );
  });

  it('packages need each other in a circle: the boundaries name it', () => {
    expect(declared.output).toMatch(/x Circular package dependency detected: @signalbox\/contracts/);
  });

  it('none: the boundaries hold', async () => {
    expect(await boundaries(tree)).toMatchObject({ failed: false, output: expect.stringContaining('no issues found') });
  });

  it.each(boundaryPlants)('$kind: the boundaries name it', async (planted) => {
    plant(tree, [planted]);
    const { failed, output } = await boundaries(tree);
    rmSync(join(tree, planted.file));
    expect(failed).toBe(true);
    expect(output).toContain(planted.file);
    expect(output).toMatch(planted.says);
  });

  it('a path past the entry of a package is imported: the compiler names it', async () => {
    const file = 'libs/reader-client/src/planted-deep.ts';
    plant(tree, [{ file, text: "export { text } from '@signalbox/contracts/dist/text.js';\n" }]);
    const { failed, output } = await compile(tree, 'libs/reader-client/tsconfig.build.json');
    rmSync(join(tree, file));
    expect(existsSync(join(checkout, 'libs/contracts/dist/text.js'))).toBe(true);
    expect(failed).toBe(true);
    expect(output).toMatch(/planted-deep\.ts.*Cannot find module '@signalbox\/contracts\/dist\/text\.js'/);
  });
});
