import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { composeFile, inCheckout, readText } from './compose-file.js';
import { dockerContext } from './docker-context.js';

const WORKDIR = '/signalbox/';
/** What the first stage of the Dockerfile makes beside what it copies. */
const MADE = ['node_modules'];

/** What a checkout has, with new files. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: inCheckout('.'),
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(inCheckout(path)));
const sent = files.filter(dockerContext(readText('.dockerignore')));
const isSent = (path: string): boolean => sent.some((file) => file === path || file.startsWith(`${path}/`));

/** The sources of each COPY of the Dockerfile, as written. */
const copies = [...readText('Dockerfile').matchAll(/^COPY (?:--from=(?<stage>\S+) )?(?<sources>.+) \S+$/gm)].map(
  ({ groups }) => ({ stage: groups!['stage'], sources: groups!['sources']!.split(' ') }),
);
const fromBuild = copies
  .filter(({ stage }) => stage === 'build')
  .flatMap(({ sources }) => sources.map((source) => source.replace(WORKDIR, '')));

/** The modules of the checkout that a script loads, itself among them. */
function modulesOf(script: string, known = new Set<string>()): Set<string> {
  if (known.has(script)) return known;
  known.add(script);
  for (const [, path] of readText(script).matchAll(/^import .* from '(\.[^']+)';$/gm))
    modulesOf(join(dirname(script), path!), known);
  return known;
}

describe('the context of the image', () => {
  it.each([
    ['a', ['a', 'a/b'], ['b', 'b/a', 'ab']],
    ['/a/', ['a', 'a/b'], ['b/a']],
    ['*.log', ['x.log'], ['a/x.log', 'x.logs']],
    ['**/dist', ['dist/x', 'a/b/dist', 'a/dist/x'], ['a/distance']],
    ['a/**/b?', ['a/b1', 'a/x/y/b2/c'], ['a/b', 'b/b1']],
    ['a/*\n!a/keep', ['a/x', 'a/x/y'], ['a/keep', 'a/keep/x']],
    ['!a/keep\na/*', ['a/keep'], ['b']],
    ['# a\n\n a ', ['a'], ['# a']],
  ])('follows the rules of .dockerignore: %j', (text, ignored, kept) => {
    const isInContext = dockerContext(text);
    expect(ignored.filter(isInContext)).toEqual([]);
    expect(kept.filter(isInContext)).toEqual(kept);
  });

  it('has what each COPY of the Dockerfile names', () => {
    expect(copies[0]).toEqual({ stage: undefined, sources: ['.'] });
    expect(fromBuild).toEqual(expect.arrayContaining(['apps', 'libs', 'examples', 'node_modules']));
    expect(fromBuild.filter((path) => !MADE.includes(path) && !isSent(path))).toEqual([]);
  });

  it('has what `npm ci` and `npm run build` read', () => {
    const needed = [
      'package.json',
      'package-lock.json',
      'tsconfig.base.json',
      'tsconfig.build.json',
      'scripts/bundle.mjs',
      ...files.filter((path) => /^(apps\/[^/]+|libs\/[^/]+|test)\/package\.json$/.test(path)),
      ...files.filter((path) => /^(apps|libs)\/[^/]+\/(tsconfig\.build\.json|src\/.+)$/.test(path)),
      ...modulesOf('scripts/bundle.mjs'),
    ];
    expect(needed.length).toBeGreaterThan(500);
    expect(needed.filter((path) => !sent.includes(path))).toEqual([]);
  });

  it('has no secret and no output of a build', () => {
    const isInContext = dockerContext(readText('.dockerignore'));
    const unwanted = [
      '.env',
      '.secrets/secret-keys',
      '.signalbox/admin.key',
      'apps/gateway/dist/main.js',
      'node_modules/pg/x.js',
    ];
    expect(unwanted.filter(isInContext)).toEqual([]);
  });
});

it('has the scripts of the setup in the image, with all that they load', () => {
  const [script] = composeFile({}).services['setup']!.command!;
  const modules = [...modulesOf(script!)];
  expect(modules.every((path) => existsSync(inCheckout(path)))).toBe(true);
  expect(modules.filter((path) => !fromBuild.includes(path))).toEqual([]);
});
