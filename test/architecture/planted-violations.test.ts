import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, readFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

interface Plant {
  kind: string;
  file: string;
  text: string;
  /** What the tool says of it. */
  says: RegExp;
}

const lintPlants: Plant[] = [
  {
    kind: 'a domain file imports a framework',
    file: 'apps/reader-heartbeat/src/liveness/planted-nest.ts',
    text: "import { Injectable } from '@nestjs/common';\nexport const planted = Injectable;\n",
    says: /Domain code is pure: no framework/,
  },
  {
    kind: 'a domain file reads the clock',
    file: 'libs/projection/src/planted-clock.ts',
    text: 'export const planted = (): number => Date.now();\n',
    says: /Domain code is told what time it is/,
  },
  {
    kind: 'a domain file sets a timer',
    file: 'apps/reader-heartbeat/src/liveness/planted-timer.ts',
    text: 'export const planted = (run: () => void): unknown => setTimeout(run, 1);\n',
    says: /Domain code has no timers/,
  },
  {
    kind: 'a domain file imports code, not types, of the platform',
    file: 'apps/reader-heartbeat/src/liveness/planted-platform.ts',
    text: "import { systemClock } from '@signalbox/platform';\nexport const planted = systemClock;\n",
    says: /Domain code is pure: types only/,
  },
  {
    kind: 'contracts import more than zod',
    file: 'libs/contracts/src/planted-import.ts',
    text: "import { randomUUID } from 'node:crypto';\nexport const planted = randomUUID;\n",
    says: /Contracts import zod only/,
  },
  {
    kind: 'production code imports what is for tests',
    file: 'apps/gateway/src/planted-testing.ts',
    text: "import { eventually } from '@signalbox/testing';\nexport const planted = eventually;\n",
    says: /What runs in production does not import what is for tests/,
  },
  {
    kind: 'process.env outside config.ts',
    file: 'apps/gateway/src/planted-env.ts',
    text: "export const planted = process.env['PORT'];\n",
    says: /process\.env/,
  },
  {
    kind: 'a promise nobody waits for',
    file: 'apps/gateway/src/planted-floating.ts',
    text: 'const work = async (): Promise<void> => undefined;\nexport const planted = (): void => {\n  work();\n};\n',
    says: /no-floating-promises/,
  },
];

const boundaryPlants: Plant[] = [
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

/** The packages' sources and manifests without what is built or installed; the installed packages are linked to. */
function copyTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'signalbox-planted-'));
  const skipped = /\/(node_modules|dist|\.turbo|\.signalbox|\.git)(\/|$)/;
  for (const part of ['apps', 'libs', 'package.json', 'package-lock.json', 'turbo.json', 'tsconfig.base.json', '.oxlintrc.json']) {
    cpSync(join(checkout, part), join(tree, part), { recursive: true, filter: (source) => !skipped.test(source.slice(checkout.length)) });
  }
  mkdirSync(join(tree, 'test'));
  for (const file of ['package.json', 'turbo.json']) cpSync(join(checkout, 'test', file), join(tree, 'test', file));
  symlinkSync(join(checkout, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

function plant(tree: string, plants: readonly Plant[]): void {
  for (const { file, text } of plants) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
}

interface Outcome {
  failed: boolean;
  stdout: string;
  output: string;
}

/** Runs a tool of the checkout in the tree. */
function run(tree: string, tool: string, args: string[]): Promise<Outcome> {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(checkout, 'node_modules', tool), ...args], { cwd: tree, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, stdout, output: stdout + stderr });
    });
  });
}

const lint = (tree: string, files: string[]) => run(tree, 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', '--format=json', ...files]);
const boundaries = (tree: string) => run(tree, 'turbo/bin/turbo', ['boundaries']);
const compile = (tree: string, project: string) => run(tree, 'typescript/bin/tsc', ['-p', project, '--noEmit']);

/** Who may import whom, and what is pure: each rule is shown to stop what it is there to stop. */
describe('a planted violation', () => {
  let tree: string;
  let lintOutcome: Outcome;

  beforeAll(async () => {
    tree = copyTree();
    plant(tree, lintPlants);
    lintOutcome = await lint(tree, lintPlants.map(({ file }) => file));
    for (const { file } of lintPlants) rmSync(join(tree, file));
  });
  afterAll(() => {
    rmSync(tree, { recursive: true, force: true });
  });

  it.each(lintPlants)('$kind: lint names it', ({ file, says }) => {
    const { diagnostics } = JSON.parse(lintOutcome.stdout) as { diagnostics: { filename: string }[] };
    expect(lintOutcome.failed).toBe(true);
    expect(JSON.stringify(diagnostics.filter(({ filename }) => filename === file))).toMatch(says);
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

  it('a forbidden package is declared: the boundaries name it', async () => {
    const manifest = join(tree, 'libs/messaging/package.json');
    const before = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, before.replace('"@signalbox/platform"', '"@signalbox/contracts": "0.1.0", "@signalbox/platform"'));
    const { failed, output } = await boundaries(tree);
    writeFileSync(manifest, before);
    expect(failed).toBe(true);
    expect(output).toContain('Package `@signalbox/contracts` found with tag listed in denylist for');
  });

  it('a path past the entry of a package is imported: the compiler names it', async () => {
    const file = 'libs/projection/src/planted-deep.ts';
    plant(tree, [{ kind: '', file, text: "export { text } from '@signalbox/contracts/dist/text.js';\n", says: /./ }]);
    const { failed, output } = await compile(tree, 'libs/projection/tsconfig.build.json');
    rmSync(join(tree, file));
    expect(existsSync(join(checkout, 'libs/contracts/dist/text.js'))).toBe(true);
    expect(failed).toBe(true);
    expect(output).toMatch(/planted-deep\.ts.*Cannot find module '@signalbox\/contracts\/dist\/text\.js'/);
  });
});
