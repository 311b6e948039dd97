import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { checkout, ScriptRun } from '../support/script-run.js';

/** Runs `npm run faults` with one round, and checks the names and the order of its table's columns. */
it('loses no write and does none twice when processes, the broker and the database fail under load', async () => {
  const { stdout: list } = await promisify(execFile)(process.execPath, ['test/faults/run.mjs', '--list'], {
    cwd: checkout,
  });
  const run = new ScriptRun([process.execPath, 'test/faults/run.mjs', '--short'], { cwd: checkout, env: process.env });
  const code = await run.ended;

  const [header, ...rows] = [...run.output.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | '));
  expect(header?.slice(0, 8)).toEqual([
    'fault',
    'times',
    'acknowledged',
    'dead letters',
    'second copies',
    'lost',
    'duplicated',
    'unexpected',
  ]);
  const made = rows.filter(([, times]) => times === '1');
  expect(new Set(made.map(([fault]) => fault))).toEqual(
    new Set(
      list
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/)[0]),
    ),
  );
  expect(made.filter(([, , acknowledged]) => !(Number(acknowledged) > 0))).toEqual([]);
  // The run prints what it found below its table.
  const [, below = ''] = run.output.split(/^GET \/status was read .*$/m);
  expect(below.trim().split('\n')).toEqual(['']);
  expect(made.filter((row) => row.slice(3, 8).join() !== '0,0,0,0,0')).toEqual([]);
  expect(code).toBe(0);
}, 600_000);
