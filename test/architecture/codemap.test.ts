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

  it('has a line for each workspace, for scripts and for examples, and no other package', () => {
    expect(entries).not.toContain(null);
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
    const packages = workspaces
      .flatMap((pattern) => (pattern.endsWith('/*') ? foldersOf(pattern.slice(0, -2)) : [pattern]))
      .filter((folder) => exists(`${folder}/package.json`));
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

describe('docs/ARCHITECTURE.md', () => {
  const page = read('docs/ARCHITECTURE.md');

  it('names files that are there', () => {
    const named = [...page.matchAll(/`((?:apps|libs|scripts|docs)\/[\w./-]+)`/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });

  it('walks a heartbeat by files that are there', () => {
    const walk = page.slice(page.indexOf('## The way of one heartbeat'), page.indexOf('## How a death is found'));
    // `…/x` stands below the `src` of the app named last.
    let source = '';
    const missing: string[] = [];
    for (const [, path] of walk.matchAll(/`((?:apps|libs|…)\/[\w./-]+\.ts)`/g)) {
      source = /^apps\/[\w-]+\/src/.exec(path!)?.[0] ?? source;
      const file = path!.replace('…', source);
      if (!exists(file)) missing.push(file);
    }
    expect(missing).toEqual([]);
  });

  it('links to pages that are there', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => join('docs', link!));
    expect(links.filter((link) => !exists(link))).toEqual([]);
  });
});
