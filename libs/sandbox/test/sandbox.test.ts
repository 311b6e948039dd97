import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@signalbox/platform';
import { collectLogs, eventually } from '@signalbox/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Sandbox, SupervisedSandbox, type Death, type Frame, type SandboxOptions } from '../src/index.js';

const { logger, lines } = collectLogs();

const options: SandboxOptions = {
  module: new URL('child.mjs', import.meta.url),
  env: { GIVEN: 'yes' },
  memoryBytes: 2 ** 28,
  heapBytes: 2 ** 26,
  clock: systemClock,
  logger,
  limits: { message: 2 ** 20, bytes: 2 ** 24 },
  startWithinMs: 60_000,
  pingEveryMs: 60_000,
  missedPings: 3,
  stopWithinMs: 30_000,
};

/** A sandbox and what came of it. */
class Observed {
  readonly frames: Frame[] = [];
  deaths: (Death | undefined)[] = [];
  ready = false;
  readonly sandbox: Sandbox;

  constructor(changes: Partial<SandboxOptions> = {}) {
    this.sandbox = new Sandbox(
      { ...options, ...changes },
      {
        onReady: () => (this.ready = true),
        onFrame: (frame) => this.frames.push(frame),
        onEnd: (death) => this.deaths.push(death),
      },
    );
    started.push(this);
  }

  async do(task: string, bytes?: Buffer): Promise<void> {
    await eventually(() => this.ready);
    this.sandbox.send(task, bytes);
  }

  death = async (): Promise<Death | undefined> => {
    await eventually(() => this.deaths.length > 0);
    return this.deaths[0];
  };

  first = (): Promise<unknown> => eventually(() => this.frames[0]?.message);
}

const started: Observed[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ sandbox }) => sandbox.stop()));
});

/** False as soon as the process has ended, also where nothing has asked for its exit code yet. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

describe('a sandbox', () => {
  it('exchanges values and bytes with its child', async () => {
    const observed = new Observed();
    const bytes = Buffer.alloc(5_000_000, 'signalbox');
    await observed.do('echo', bytes);
    expect(await observed.first()).toEqual({ echo: true });
    expect(observed.frames[0]!.bytes.equals(bytes)).toBe(true);
  });

  it('gives its child only the environment that is named, and no arguments', async () => {
    const observed = new Observed();
    await observed.do('look');
    const { env, argv } = (await observed.first()) as { env: Record<string, string>; argv: string[] };
    const { PWD: _pwd, OLDPWD: _oldPwd, ...given } = env;
    expect(given).toEqual({ GIVEN: 'yes' });
    expect(argv).toEqual([]);
  });

  it('lets its child finish when it is stopped', async () => {
    const observed = new Observed();
    await eventually(() => observed.ready);
    await observed.sandbox.stop();
    expect(observed.frames.map(({ message }) => message)).toEqual([{ stopped: true }]);
    expect(observed.deaths).toEqual([undefined]);
  });

  it('kills a child that does not stop before the deadline', async () => {
    const observed = new Observed({ stopWithinMs: 100 });
    await observed.do('hang');
    await observed.sandbox.stop();
    expect(observed.deaths).toEqual([undefined]);
  });

  it('kills a child that does not answer pings', async () => {
    const observed = new Observed({ pingEveryMs: 50 });
    await observed.do('hang');
    expect(await observed.death()).toMatchObject({ reason: 'hung', signal: 'SIGKILL' });
  });

  it.each(['eatBuffers', 'eatHeap'])('reports a child at its limit of memory (%s)', async (task) => {
    const observed = new Observed();
    await observed.do(task);
    expect(await observed.death()).toMatchObject({ reason: 'out_of_memory' });
  });

  it.each([
    ['throw', 1],
    ['exit', 3],
  ])('reports a child that crashes with its exit code (%s)', async (task, exitCode) => {
    const observed = new Observed();
    await observed.do(task);
    expect(await observed.death()).toEqual({ reason: 'crashed', exitCode, signal: null });
  });

  it.each(['kill', 'stop', 'exit'] as const)(
    'ends although processes live that its child started (%s)',
    async (how) => {
      const observed = new Observed({ stopWithinMs: 1 });
      await observed.do('fork');
      const { pids } = (await observed.first()) as { pids: [number, number] };
      const [inGroup, outside] = pids;
      try {
        if (how === 'kill') observed.sandbox.kill('misbehaved');
        else if (how === 'stop') void observed.sandbox.stop();
        else observed.sandbox.send('exit');
        await observed.death();
        await eventually(() => !isAlive(inGroup));
        expect(isAlive(outside)).toBe(true);
      } finally {
        process.kill(outside);
      }
    },
  );

  it('kills a child that sends more at once than allowed', async () => {
    const observed = new Observed();
    await observed.do('endless');
    expect(await observed.death()).toMatchObject({ reason: 'misbehaved' });
    expect(observed.frames).toEqual([]);
  });

  it('logs a bounded part of what its child prints', async () => {
    const before = lines.length;
    const observed = new Observed();
    await observed.do('flood');
    await observed.first();
    const printed = () => lines.slice(before).filter(({ output }) => output !== undefined);
    expect(printed().length).toBeLessThan(200);
    expect(printed()[0]!['output']).toMatch(/^line 0 x/);
  });

  it('logs again what its child logs, with its level', async () => {
    const observed = new Observed();
    await observed.do('log');
    await eventually(() => lines.find(({ msg }) => msg === 'the process logged: a message'));
    const line = lines.find(({ msg }) => msg === 'the process logged: a message');
    expect(line).toMatchObject({ level: 'error', logged: { datasource: 'ds_1' } });
  });

  it('leaves no child behind when its own process is killed, also one that hangs', async () => {
    const maker = spawn(process.execPath, [fileURLToPath(new URL('orphan-maker.mjs', import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(maker.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    maker.kill('SIGKILL');
    await eventually(() => !isAlive(pid));
  });
});

describe('a supervised sandbox', () => {
  it('starts its child again after each death, until it is stopped', async () => {
    const events: string[] = [];
    const supervised: SupervisedSandbox = new SupervisedSandbox(
      { ...options, restart: { minMs: 1, maxMs: 10_000 } },
      {
        onReady: () => {
          events.push('ready');
          if (events.length < 4) supervised.send('throw');
        },
        onFrame: () => undefined,
        onDeath: ({ reason }, restartInMs) => events.push(`${reason} ${restartInMs > 0}`),
      },
    );
    await eventually(() => events.length === 5);
    await supervised.stop();
    expect(events).toEqual(['ready', 'crashed true', 'ready', 'crashed true', 'ready']);
  });
});
