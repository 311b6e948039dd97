import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { familyOf } from './process-family.js';
import { describeProcess, isRunning, type ProcessIdentity } from './process-identity.js';
import { stopProcess } from './stop-process.js';

/** Runs a shell script in its own process group and waits for its first line. */
async function script(text: string): Promise<{ child: ChildProcess; identity: ProcessIdentity; line: string }> {
  const child = spawn('/bin/sh', ['-c', text], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const [data] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, identity: describeProcess(child.pid!)!, line: data.toString().trim() };
}

it('stops a process that exits on the signal', async () => {
  const { identity } = await script('echo up; exec sleep 600');
  expect(await stopProcess(identity)).toBe('stopped');
  expect(describeProcess(identity.pid)).toBeUndefined();
  expect(await stopProcess(identity)).toBe('not-running');
});

it('kills a process that ignores the signal, and its children, including one in another session', async () => {
  const stubborn = await script('trap "" TERM; setsid sleep 600 & echo $!; while :; do sleep 600 & wait $!; done');
  const grandchild = describeProcess(Number(stubborn.line))!;
  expect(familyOf(stubborn.identity).map(({ pid }) => pid)).toContain(grandchild.pid);
  expect(await stopProcess(stubborn.identity, { graceMs: 50 })).toBe('killed');
  expect(isRunning(grandchild)).toBe(false);
});

it('ends child processes that outlive a killed leader', async () => {
  const { child, identity, line } = await script('sleep 600 & echo $!; wait');
  const helper = describeProcess(Number(line))!;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(helper)).toBe(true);
  expect(await stopProcess(identity)).toBe('not-running');
  await expect.poll(() => isRunning(helper)).toBe(false);
});

it('does not signal another process that has the same pid', async () => {
  const { child, identity } = await script('echo up; exec sleep 600');
  expect(await stopProcess({ pid: identity.pid, startedAt: 'another boot/1' })).toBe('not-running');
  expect(isRunning(identity)).toBe(true);
  child.kill('SIGKILL');
});
