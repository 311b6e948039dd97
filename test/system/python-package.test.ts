import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heartbeat } from '@signalbox/contracts/messages';
import { python, testPackages } from '@signalbox/testing';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { checkout } from '../support/script-run.js';

const PACKAGE = join(checkout, 'clients/python');
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PYTHONDONTWRITEBYTECODE: '1' };

beforeAll(testPackages, 600_000);

/** A copy of the package, which is built and installed without a trace in this repository. */
function copied(): { source: string; target: string } {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-python-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const source = join(folder, 'source');
  cpSync(PACKAGE, source, { recursive: true, filter: (file) => !file.includes('__pycache__') });
  return { source, target: join(folder, 'target') };
}

/** Runs Python with only this folder besides what is installed. */
const run = (folder: string, ...args: string[]): string =>
  execFileSync(python(), args, { cwd: tmpdir(), env: { ...env, PYTHONPATH: folder }, encoding: 'utf8' });

it('passes its own tests', () => {
  const args = ['-W', 'error', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'];
  const { status, stderr } = spawnSync(python(), args, { cwd: PACKAGE, env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, expect.stringMatching(/Ran 1\d tests[^]*OK/)]);
});

it('works where it is copied to, and is marked as typed', () => {
  const { source } = copied();
  run(source, '-m', 'compileall', '-q', join(source, 'signalbox_reader'));
  const names = 'import signalbox_reader as s, signalbox_reader.cli as c; print(*s.__all__, callable(c.main))';
  expect(run(source, '-c', names).trim().split(' ')).toEqual(expect.arrayContaining(['start_reader', 'True']));
  expect(readFileSync(join(source, 'signalbox_reader/py.typed'), 'utf8')).toBe('');
});

const hasPip = spawnSync(python(), ['-c', 'import setuptools, pip'], { stdio: 'ignore' }).status === 0;

/** What `npm test` installs has no pip. */
it.runIf(hasPip)('is installed by pip with its types and its command', () => {
  const { source, target } = copied();
  const options = ['--no-index', '--no-build-isolation', '--no-deps', '--no-compile', '--quiet'];
  run('', '-m', 'pip', 'install', ...options, '--root-user-action=ignore', '--target', target, source);
  expect(run(target, '-c', 'import signalbox_reader; print(signalbox_reader.__file__)')).toContain(target);
  expect(readFileSync(join(target, 'signalbox_reader/py.typed'), 'utf8')).toBe('');
  const command = spawnSync(join(target, 'bin/signalbox-reader'), ['--help'], {
    env: { ...env, PYTHONPATH: target },
    encoding: 'utf8',
  });
  expect([command.status, command.stdout]).toEqual([0, expect.stringContaining('Usage: signalbox-reader')]);
});

const given = {
  reader_id: 'r',
  consumer_name: 'r',
  consumer_groups: ['a'],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  pids: [1],
  heartbeat_wait_interval: 10,
};
const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) });
const VARIANTS: object[] = [
  {},
  ...['', 'a b', 'a/b:c._-', 'a'.repeat(200), 'a'.repeat(201), 'a\n', 1].map((reader_id) => ({ reader_id })),
  ...['', 'é'.repeat(200), '😀'.repeat(200), '😀'.repeat(201), '\u0085', '\u200b', '\ud800', 7].map(
    (consumer_name) => ({
      consumer_name,
    }),
  ),
  ...[[], 'a', ['a', ''], Array(100).fill('g'), Array(101).fill('g'), [1]].map((consumer_groups) => ({
    consumer_groups,
  })),
  ...[[], [2 ** 31 - 1, -(2 ** 31)], [2 ** 31], [1.5], ['1'], [true], Array(1_001).fill(1)].map((pids) => ({ pids })),
  ...[0, 1, 86_400, 86_401, 1.5, '10', true].map((heartbeat_wait_interval) => ({ heartbeat_wait_interval })),
  ...['', 'vllm', 'b'.repeat(101), 3].map((backend) => ({ backend })),
  ...[
    'token',
    'hf_token',
    'hfToken',
    'tokens',
    'tokenizer',
    'api-key',
    'APIKey',
    'apikey',
    'my.secret',
    'Passphrase',
    'x_private_key',
  ].map((name) => ({ config: { list: [{ [name]: 1 }] } })),
  ...[{}, [], 'a', 1, nested(16), nested(17), { a: [null, 1.5, 'x'] }].map((config) => ({ config })),
];

/** Reads identities from its input and says of each whether the package accepts it. */
const JUDGE = `
import json, sys
from signalbox_reader._options import Identity, OptionError, checked
def accepts(body):
    try:
        checked(Identity(**body))
        return True
    except OptionError:
        return False
print(json.dumps([accepts(body) for body in json.load(sys.stdin)]))
`;

it('accepts what the contract accepts, and refuses the rest before it is sent', () => {
  const bodies = VARIANTS.map((variant) => ({ ...given, ...variant }));
  const { stdout, stderr } = spawnSync(python(), ['-c', JUDGE], {
    env: { ...env, PYTHONPATH: PACKAGE },
    input: JSON.stringify(bodies),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const judged = JSON.parse(stdout) as boolean[];
  const contract = bodies.map((body) => heartbeat.safeParse({ ...body, state: 'ready' }).success);
  expect(bodies.filter((_, index) => judged[index] !== contract[index])).toEqual([]);
  expect(new Set(contract).size).toBe(2);
});
