import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkout } from '../support/script-run.js';

/** A file that breaks a rule. */
export interface Plant {
  kind: string;
  file: string;
  text: string;
  /** What the tool says of it. */
  says: RegExp;
  /** Whether the rule needs types. */
  typed?: true;
}

/** The packages' sources and manifests without what is built or installed; the installed packages are linked to. */
export function copyTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'signalbox-planted-'));
  const skipped = /\/(node_modules|dist|bundle|\.turbo|\.signalbox|\.git)(\/|$)/;
  for (const part of [
    'apps',
    'libs',
    'package.json',
    'package-lock.json',
    'turbo.json',
    'tsconfig.base.json',
    '.oxlintrc.json',
  ]) {
    cpSync(join(checkout, part), join(tree, part), {
      recursive: true,
      filter: (source) => !skipped.test(source.slice(checkout.length)),
    });
  }
  mkdirSync(join(tree, 'test'));
  for (const file of ['package.json', 'turbo.json']) cpSync(join(checkout, 'test', file), join(tree, 'test', file));
  symlinkSync(join(checkout, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

export function plant(tree: string, plants: readonly Pick<Plant, 'file' | 'text'>[]): void {
  for (const { file, text } of plants) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
}

export interface Outcome {
  failed: boolean;
  stdout: string;
  /** Both outputs, with lines that the tool wrapped made whole. */
  output: string;
}

/** Runs a tool of the checkout in the tree. */
function run(tree: string, tool: string, args: string[]): Promise<Outcome> {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(checkout, 'node_modules', tool), ...args],
      { cwd: tree, env, maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        resolve({ failed: error !== null, stdout, output: (stdout + stderr).replaceAll(/\s*\n\s*\|\s+/g, ' ') });
      },
    );
  });
}

/** Lints the whole tree by all rules that need no types, which takes a second. */
export const lint = (tree: string): Promise<Outcome> => {
  const config = JSON.parse(readFileSync(join(tree, '.oxlintrc.json'), 'utf8')) as object;
  writeFileSync(join(tree, '.oxlintrc.untyped.json'), JSON.stringify({ ...config, options: { typeAware: false } }));
  return run(tree, 'oxlint/bin/oxlint', ['-c', '.oxlintrc.untyped.json', '--deny-warnings', '--format=json']);
};
/** Lints one file by all rules. The whole repository is linted by them in `npm test`. */
export const lintWithTypes = (tree: string, file: string): Promise<Outcome> =>
  run(tree, 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', '--format=json', file]);
export const boundaries = (tree: string): Promise<Outcome> => run(tree, 'turbo/bin/turbo', ['boundaries']);
export const compile = (tree: string, project: string): Promise<Outcome> =>
  run(tree, 'typescript/bin/tsc', ['-p', project, '--noEmit']);
