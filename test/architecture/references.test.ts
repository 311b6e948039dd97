import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

interface Manifest {
  name: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(join(checkout, file), 'utf8')) as T;
const referencesOf = (file: string): string[] =>
  (readJson<{ references?: { path: string }[] }>(file).references ?? []).map(({ path }) => path);
const sorted = (paths: string[]): string[] => paths.toSorted();

const packages = ['libs', 'apps']
  .flatMap((group) => readdirSync(join(checkout, group)).map((name) => `${group}/${name}`))
  .filter((folder) => existsSync(join(checkout, folder, 'package.json')));
const folders = new Map(packages.map((folder) => [readJson<Manifest>(`${folder}/package.json`).name, folder]));

/** The paths of the builds of those dependencies that are packages of this repository, as seen from a folder. */
const buildsOf = (from: string, dependencies: Record<string, string> = {}): string[] =>
  Object.keys(dependencies).flatMap((name) => {
    const folder = folders.get(name);
    return folder ? [`${relative(from, folder)}/tsconfig.build.json`] : [];
  });

describe('the references between compiler projects', () => {
  it('name every build in the solution that builds', () => {
    expect(sorted(referencesOf('tsconfig.build.json'))).toEqual(
      sorted(packages.map((folder) => `${folder}/tsconfig.build.json`)),
    );
  });

  it('name all tests and scripts in the solution that checks types', () => {
    expect(sorted(referencesOf('tsconfig.json'))).toEqual(sorted([...packages, 'scripts', 'test']));
  });

  it.each(packages)('of %s equal its dependencies', (folder) => {
    const { dependencies, devDependencies = {}, private: isPrivate } = readJson<Manifest>(`${folder}/package.json`);
    const { '@signalbox/testing': _, ...bundled } = devDependencies;
    // A package that can be published contains what it needs of this repository: others cannot install that.
    const built = isPrivate ? dependencies : { ...dependencies, ...bundled };
    expect(sorted(referencesOf(`${folder}/tsconfig.build.json`))).toEqual(sorted(buildsOf(folder, built)));
    expect(sorted(referencesOf(`${folder}/tsconfig.json`))).toEqual(
      sorted(['./tsconfig.build.json', ...buildsOf(folder, devDependencies)]),
    );
  });

  it('of the tests of the whole system equal their dependencies', () => {
    const { dependencies, devDependencies } = readJson<Manifest>('test/package.json');
    expect(sorted(referencesOf('test/tsconfig.json'))).toEqual(
      sorted(buildsOf('test', { ...dependencies, ...devDependencies })),
    );
  });
});
