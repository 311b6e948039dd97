import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { familyOf } from './process-family.js';
import { describeProcess, isRunning, type ProcessIdentity } from './process-identity.js';
import { stopProcess } from './stop-process.js';

/** Runs a shell script in a group of its own and waits for its first line. */
async function script(text: string): Promise<{ child: ChildProcess; identity: ProcessIdentity; line: string }> {
  const child = spawn('/bin/sh', ['-c', text], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const [data] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, identity: describeProcess(child.pid!)!, line: data.toString().trim() };
}

it('stops what stops by itself', async () => {
  const { identity } = await script('echo up; exec sleep 600');
  expect(await stopProcess(identity)).toBe('stopped');
  expect(describeProcess(identity.pid)).toBeUndefined();
  expect(await stopProcess(identity)).toBe('gone');
});

it('kills what does not, and its children, also one in a session of its own', async () => {
  const deaf = await script('trap "" TERM; setsid sleep 600 & echo $!; while :; do sleep 600 & wait $!; done');
  const grandchild = describeProcess(Number(deaf.line))!;
  expect(familyOf(deaf.identity).map(({ pid }) => pid)).toContain(grandchild.pid);
  expect(await stopProcess(deaf.identity, { graceMs: 50 })).toBe('killed');
  expect(isRunning(grandchild)).toBe(false);
});

it('ends helpers that outlive a leader which was killed before', async () => {
  const { child, identity, line } = await script('sleep 600 & echo $!; wait');
  const helper = describeProcess(Number(line))!;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(helper)).toBe(true);
  expect(await stopProcess(identity)).toBe('gone');
  await expect.poll(() => isRunning(helper)).toBe(false);
});

it('never touches a process that has the pid of another one', async () => {
  const { child, identity } = await script('echo up; exec sleep 600');
  expect(await stopProcess({ pid: identity.pid, startedAt: 'another boot/1' })).toBe('gone');
  expect(isRunning(identity)).toBe(true);
  child.kill('SIGKILL');
});
