import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

const read = (page: string): string => readFileSync(join(checkout, page), 'utf8');
const exists = (path: string): boolean => existsSync(join(checkout, path));
const foldersOf = (group: string): string[] => readdirSync(join(checkout, group)).map((name) => `${group}/${name}`);

describe('docs/CODEMAP.md', () => {
  const lines = read('docs/CODEMAP.md')
    .split('\n')
    .filter((line) => line.startsWith('- '));
  const entries = lines.map((line) => /^- `([^`]+)`: .+ Begin: `([^`]+)`$/.exec(line));

  it('has a line for each workspace, for packages of other languages, for scripts and for examples, and no other package', () => {
    expect(entries).not.toContain(null);
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
    const packages = workspaces
      .flatMap((pattern) => (pattern.endsWith('/*') ? foldersOf(pattern.slice(0, -2)) : [pattern]))
      .filter((folder) => exists(`${folder}/package.json`))
      .concat(foldersOf('clients').filter((folder) => exists(`${folder}/pyproject.toml`)));
    const mapped = entries.map((entry) => entry![1]!);
    expect(mapped).toEqual(expect.arrayContaining([...packages, 'scripts', 'examples']));
    expect(mapped.filter((path) => path.includes('/') && !packages.includes(path))).toEqual([]);
    expect(mapped).toHaveLength(new Set(mapped).size);
  });

  it('names files that are there', () => {
    const missing = entries.flatMap((entry) => [entry![1]!, entry![2]!]).filter((path) => !exists(path));
    expect(missing).toEqual([]);
  });
});
