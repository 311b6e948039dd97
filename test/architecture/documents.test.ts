import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');
const exists = (path: string): boolean => existsSync(join(checkout, path));
const pages = [
  ...readdirSync(checkout),
  ...readdirSync(join(checkout, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file)),
].filter((file) => file.endsWith('.md'));

const PATH = /`((?:apps|libs|scripts|docs|test|examples|deploy)\/[\w./-]+)`/g;

/** The anchor that a heading has on the page. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-');

const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

describe.each(pages)('%s', (page) => {
  it('names only paths that exist', () => {
    const named = [...read(page).matchAll(PATH)].map(([, path]) => path!);
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });

  it('links only to pages and headings that exist', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const broken = links.filter(([, link, anchor]) => {
      const target = link === '' ? page : join(dirname(page), link!);
      return !exists(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken.map(([text]) => text)).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  const page = read('docs/ARCHITECTURE.md');
  const sectionOf = (heading: string): string => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

  it.each(['One heartbeat', 'One restart', "One key's revocation", "One package's load", 'One change of a datasource'])(
    'walks through the code of: %s',
    (heading) => {
      const walk = sectionOf(heading);
      expect([...walk.matchAll(PATH)].length).toBeGreaterThan(12);
      // A name in brackets behind a path is in that file.
      const named = [...walk.matchAll(/`([\w./-]+\.(?:ts|mjs))`\s*\(`(\w+)`\)/g)];
      expect(named.length).toBeGreaterThan(8);
      const missing = named.filter(([, file, name]) => !new RegExp(`\\b${name}\\b`).test(read(file!)));
      expect(missing.map(([text]) => text)).toEqual([]);
    },
  );

  it('shows only folders that exist', () => {
    const [, tree = ''] = /```\n([\s\S]+?)```/.exec(sectionOf('Folders')) ?? [];
    let root = '';
    const folders = tree.split('\n').flatMap((line) => {
      const [, indent = '', names = ''] = /^( *)(\S+(?: \S+\/)*)(?: {2,}|$)/.exec(line) ?? [];
      if (indent === '') root = names;
      return names.split(' ').map((name) => (indent === '' ? name : join(root, name)));
    });
    expect(folders.length).toBeGreaterThan(30);
    expect(folders.filter((folder) => !exists(folder))).toEqual([]);
  });
});
