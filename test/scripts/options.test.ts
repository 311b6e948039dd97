import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Those that are ours: name and file. The others are tools with options of their own. */
const ours = Object.entries(scripts).flatMap(([name, command]) => {
  const [, file] = /node ((?:scripts|test|examples)\/\S+\.mjs)$/.exec(command) ?? [];
  return file === undefined ? [] : [[name, file] as const];
});
const examples = ['endpoint/endpoint.mjs', 'shop/setup.mjs', 'shop/writer.mjs'].map((file) => `examples/${file}`);

/** With nothing set: what went beyond its arguments would start, stop or ask something else than the caller's. */
function run(command: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, SIGNALBOX_HOME: '/none' };
  return spawnSync(command, args, { cwd: checkout, env, encoding: 'utf8', timeout: 60_000 });
}

describe('scripts', () => {
  it('are all tried here', () => {
    expect(ours.map(([name]) => name)).toEqual(expect.arrayContaining(['start', 'stop', 'reader', 'faults', 'docs']));
  });

  it.each([...ours, ...examples.map((file) => ['example', file] as const)])(
    '%s (%s) shows its help and does nothing else',
    (name, file) => {
      const { status, stdout, stderr } = run(process.execPath, file, '--help');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain(name === 'example' ? file : name);
    },
  );

  // Those below test/ load what they measure first, and read their options in the same way.
  const quick = ours.map(([, file]) => file).filter((file) => !file.startsWith('test/'));
  it.each([...quick, ...examples])('%s refuses an option that it does not know', (file) => {
    const { status, stdout, stderr } = run(process.execPath, file, '--no-such-option');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--no-such-option');
    expect(stderr).not.toContain('    at ');
  });

  it('refuse an argument that they do not take', () => {
    const { status, stderr } = run(process.execPath, 'scripts/stop.mjs', 'now');
    expect([status, stderr.split('\n')[0]]).toEqual([2, "✗ Unexpected argument 'now'."]);
  });

  it.each(['reader', 'changes-consumer', 'dataplane-agent'])('examples/%s.py shows its help', (name) => {
    const { stdout, stderr } = run('python3', `examples/${name}.py`, '--help');
    // Where pika is not installed it says so as well.
    expect(stdout + stderr).toMatch(/RABBITMQ_URL/);
    expect(stderr).not.toContain('Traceback');
  });
});
