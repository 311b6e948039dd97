import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkout, ScriptRun } from '../support/script-run.js';

/** As services write it. */
const line = (service: string, second: number, level: string, msg: string, facts: object = {}) =>
  `${JSON.stringify({ level, time: `2026-11-29T20:00:0${second}.000Z`, pid: 7, hostname: 'h', name: service, ...facts, msg })}\n`;

describe('npm run logs', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-logs-')));
  const file = (name: string) => join(home, 'log', `${name}.log`);

  beforeAll(() => {
    mkdirSync(join(home, 'log'));
    writeFileSync(file('gateway'), line('gateway', 1, 'info', 'ready') + line('gateway', 4, 'error', 'lost'));
    writeFileSync(file('registry'), line('registry', 2, 'warn', 'slow', { text: '\u001b[2Jgone' }));
    writeFileSync(file('postgres'), 'LOG:  ready\n');
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  function logs(...args: string[]): ScriptRun {
    const env = { ...process.env, SIGNALBOX_HOME: home, TZ: 'UTC' };
    const run = new ScriptRun([process.execPath, 'scripts/logs.mjs', ...args], { cwd: checkout, env });
    onTestFinished(() => void run.child.kill('SIGKILL'));
    return run;
  }

  async function printed(...args: string[]): Promise<string> {
    const run = logs(...args);
    expect(await run.ended).toBe(0);
    return run.output;
  }

  it('prints the lines of all services in the order of their times, and nothing that moves the cursor', async () => {
    expect(await printed()).toBe(
      [
        '[20:00:01.000] INFO (gateway): ready',
        '[20:00:02.000] WARN (registry): slow {"text":"\ufffd[2Jgone"}',
        '[20:00:04.000] ERROR (gateway): lost',
        '',
      ].join('\n'),
    );
  });

  it('prints those of one service, from a level on, or the last ones', async () => {
    expect(await printed('gateway', '--level', 'warn')).toBe('[20:00:04.000] ERROR (gateway): lost\n');
    expect(await printed('--lines', '1')).toBe('[20:00:04.000] ERROR (gateway): lost\n');
    expect(await printed('postgres')).toBe('LOG:  ready\n');
  });

  it('goes on with what is added', async () => {
    const run = logs('registry', '-f');
    await run.prints('slow');
    const added = line('registry', 5, 'info', 'added');
    appendFileSync(file('registry'), added.slice(0, 30));
    appendFileSync(file('registry'), added.slice(30));
    await run.prints('added');
    expect(run.output.split('\n').at(-2)).toBe('[20:00:05.000] INFO (registry): added');
  });

  it('refuses a service without a log, and names those that have one', async () => {
    const run = logs('gatway');
    expect(await run.ended).toBe(2);
    expect(run.output).toContain('There is no log of gatway. There are: gateway, postgres, registry.');
  });
});
