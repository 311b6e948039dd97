import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');
const manifestOf = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json'))) as Manifest;
const packages = ['apps', 'libs'].flatMap((group) =>
  readdirSync(join(checkout, group)).map((name) => `${group}/${name}`),
);
const { version: release } = manifestOf('.');

it('all packages have the version of the release, and need each other in it', () => {
  const others = [...packages, 'test'].flatMap((folder) => {
    const { version, dependencies, devDependencies } = manifestOf(folder);
    const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) =>
      name.startsWith('@signalbox/'),
    );
    const wrong = [['version', version] as const, ...ours].filter(([, each]) => each !== release);
    return wrong.map(([name, each]) => `${folder}: ${name} ${each}`);
  });
  expect(others).toEqual([]);
});

it('the package for Python has the version of the release', () => {
  expect(/^version = "(.+)"$/m.exec(read('clients/python/pyproject.toml'))?.[1]).toBe(release);
});

it('the lock file has the versions of the packages', () => {
  const { packages: locked } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Manifest> };
  expect(['', ...packages, 'test'].filter((folder) => locked[folder]?.version !== release)).toEqual([]);
});

it('CHANGELOG.md begins with the release', () => {
  expect(/^## (.+)$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(release);
});
