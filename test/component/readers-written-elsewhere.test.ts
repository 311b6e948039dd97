import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, python, testPackages } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';
import { BeatPublisher } from '../support/beating.js';
import { System, type SystemInProcess } from '../support/system.js';

/** Readers without code of Signalbox, written as docs/messages.md describes. */
describe('a reader in Python', () => {
  let system: SystemInProcess;
  const children: ChildProcess[] = [];

  const run = (...args: string[]): ChildProcess => {
    const child = spawn(python(), args, {
      env: { PATH: process.env['PATH'], READER_RABBITMQ_URL: system.broker.url },
      stdio: 'inherit',
    });
    children.push(child);
    return child;
  };
  const comesInto = (map: string | undefined, reader: string) =>
    eventually(async () => (await system.mapOf(reader)) === map);

  beforeAll(testPackages, 600_000);
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startReaderHeartbeat();
    await system.startGateway();
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await system.close();
  });

  it('is shown, is dead after a kill, is live after a restart, and is removed after its graceful shutdown message', async () => {
    const start = () => run(join(checkout, 'examples/reader.py'), '--id', 'from-python', '--interval', '1');
    const first = start();
    await comesInto('live', 'from-python');
    const { live_readers: live } = (await system.status()).status!;
    expect(live['from-python']).toMatchObject({ consumer_name: 'from-python', pids: [first.pid] });

    first.kill('SIGKILL');
    await comesInto('dead', 'from-python');
    expect((await system.get('/healthz', {})).status).toBe(503);

    const second = start();
    await comesInto('live', 'from-python');
    expect((await system.status()).status!.live_readers['from-python']?.pids).toEqual([second.pid]);

    second.kill('SIGTERM');
    await comesInto(undefined, 'from-python');
  });

  it('is stopped by a command for its incarnation, and not by one for another', async () => {
    const reader = run(join(checkout, 'examples/reader.py'), '--id', 'pool/stopped', '--interval', '1');
    const ended = once(reader, 'exit');
    await comesInto('live', 'pool/stopped');
    const sender = await BeatPublisher.open(system.broker.url);
    const command = { reader_id: 'pool/stopped', boot_id: 'another', requested_at: 0 };
    const to = { exchange: 'signalbox.reader-commands', key: 'pool/stopped' };
    await sender.publish(to, command, { type: 'reader.stop' });
    await eventually(async () => (await sender.take('reader.pool/stopped.control')) === undefined);
    await sender.close();
    expect(await system.mapOf('pool/stopped')).toBe('live');
    expect((await system.send('DELETE', '/reader/pool/stopped')).status).toBe(204);
    await comesInto(undefined, 'pool/stopped');
    expect((await ended)[0]).toBe(0);
  });

  it('can be the first example of docs/messages.md', async () => {
    const page = readFileSync(join(checkout, 'docs/messages.md'), 'utf8');
    const [, lines] = /```python\n([\s\S]*?)```/.exec(page) ?? [];
    const reader = run('-c', lines!);
    await comesInto('live', 'my-reader');
    expect((await system.status()).status!.live_readers['my-reader']?.pids).toEqual([reader.pid]);
  });
});
