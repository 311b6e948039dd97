import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, python, testPackages } from '@signalbox/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bench } from './support.js';

const SCRIPT = fileURLToPath(new URL('../../../examples/dataplane-agent.py', import.meta.url));
const RESTART = 'restart-0123456789abcdef01234567';
const OTHER_RESTART = 'restart-aaaaaaaaaaaaaaaaaaaaaaaa';

let bench: Bench;
beforeAll(testPackages, 600_000);
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.stop());

describe('examples/dataplane-agent.py', () => {
  it('reports, goes on after an expired shutdown, answers a health request, and executes a shutdown', async () => {
    const env = {
      PATH: process.env['PATH'],
      DATAPLANE_RABBITMQ_URL: bench.broker.url,
      SIGNALBOX_REPORT_INTERVAL_MS: '30000',
    };
    const child = spawn(python(), [SCRIPT, 'snake'], { env, stdio: 'ignore' });
    const exited = once(child, 'exit');
    const { boot_id: bootId, state } = await bench.report(() => true);
    await bench.declare('snake');
    await bench.report((report) => report.state === 'running');
    bench.shutdown('snake', { restartId: OTHER_RESTART, bootId: 'a former incarnation' });
    await eventually(() => bench.steps(OTHER_RESTART).length === 1);
    const { seq } = await eventually(() => bench.latest());
    bench.askHealth('snake');
    await bench.report((report) => report.seq > seq && report.state === 'running');
    bench.shutdown('snake', { restartId: RESTART, bootId });

    expect(await exited).toEqual([0, null]);
    await eventually(() => bench.steps(RESTART).includes('down') && bench.latest()?.state === 'stopped');
    expect(state).toBe('starting');
    expect([...new Set(bench.steps(RESTART))]).toEqual(['acknowledged', 'draining', 'down']);
    expect(bench.steps(OTHER_RESTART)).toEqual(['expired']);
  });

  it('explains its arguments, and which variable it wants', () => {
    const run = (...args: string[]) =>
      spawnSync(python(), [SCRIPT, ...args], { env: { PATH: process.env['PATH'] }, encoding: 'utf8' });
    const help = run('--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('DATAPLANE_RABBITMQ_URL=amqp://');
    const { status, stderr } = run('snake');
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/set DATAPLANE_RABBITMQ_URL, which was AGENT_RABBITMQ_URL/),
    ]);
  });
});
