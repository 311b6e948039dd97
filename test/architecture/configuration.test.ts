import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');

/** A row of any table of the page: the variable, then its other cells. */
const rows = [...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map(([, name, cells]) => ({
  name: name!,
  cells: cells!.split(' | '),
}));
const documented = new Set(rows.map(({ name }) => name));

describe('the generated documentation', () => {
  it('is what the configuration schemas and the rules of the components say', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/generate-docs.mjs', '--check'], {
      cwd: checkout,
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('docs/configuration.md', () => {
  it('explains every variable', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ cells }) => cells.at(-1)!.trim() === '')).toEqual([]);
  });

  it('lists every variable that a script or an example reads', () => {
    const notOurs = ['PATH', 'TMPDIR', 'SIGNALBOX_RUN'];
    const files = ['scripts', 'examples'].flatMap((folder) =>
      readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(mjs|py)$/.test(file))
        .map((file) => join(folder, file)),
    );
    const names = files.flatMap((file) =>
      [...read(file).matchAll(/\b(?:process\.env|env|os\.environ)(?:\.get\("|\["|\['|\.)([A-Z_]+)\b/g)].map(
        ([, name]) => name!,
      ),
    );
    expect(names.length).toBeGreaterThan(10);
    expect([...new Set(names)].filter((name) => !documented.has(name) && !notOurs.includes(name))).toEqual([]);
  });
});

describe('.env.example', () => {
  const settings = [...read('.env.example').matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => ({
    name: name!,
    value: value!,
  }));
  /** Those without a default, and those with another default in a container. */
  const examples = ['SIGNALBOX_CONFIG_FILE', 'SIGNALBOX_PACKAGE_ROOTS', 'SIGNALBOX_TARGET_PORTS', 'SIGNALBOX_SECRETS'];

  it('names documented variables only', () => {
    const names = [...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name!);
    expect(names.filter((name) => !documented.has(name.replace(/_FILE$/, '')) && !documented.has(name))).toEqual([]);
  });

  it('shows the documented defaults', () => {
    const other = settings.filter(
      ({ name, value }) =>
        value !== '' &&
        !examples.includes(name) &&
        !rows.some((row) => row.name === name && row.cells.some((cell) => cell === `\`${value}\`` || cell === value)),
    );
    expect(other).toEqual([]);
  });
});
