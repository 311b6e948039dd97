import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@signalbox/local-infra';
import { eventually, testBroker, testPackages, type TestBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { commandOf, LANGUAGES } from '../support/reader-clients/client.js';
import { modelServer, signalboxReader } from '../support/reader-clients/model-reader.js';
import { ReceivedMessages } from '../support/reader-clients/received-messages.js';
import { checkout, ScriptRun } from '../support/script-run.js';

beforeAll(testPackages, 600_000);

const helpOf = async (language: (typeof LANGUAGES)[number]): Promise<string> => {
  const run = signalboxReader(language, ['--help'], {});
  expect(await run.ended).toBe(0);
  return run.output;
};

it('has the same help in both languages', async () => {
  const [first, second] = await Promise.all(LANGUAGES.map(helpOf));
  expect(first).toContain('Usage: signalbox-reader --id <id>');
  expect(second).toBe(first);
});

describe.each(LANGUAGES)('signalbox-reader in %s', (language) => {
  let broker: TestBroker;
  let received: ReceivedMessages;

  beforeAll(async () => {
    broker = await testBroker();
    received = await ReceivedMessages.open(broker.url);
  });
  afterAll(async () => {
    await received?.close();
    await broker?.remove();
  });

  const state = (readerId: string, wanted: string): Promise<unknown> =>
    eventually(() => received.states(readerId).at(-1) === wanted);
  const start = (readerId: string, args: string[], variables: Record<string, string> = {}): ScriptRun => {
    const own = ['--id', readerId, '--model', 'bigrams', '--interval', '1', '--probe-interval', '0.1'];
    const run = signalboxReader(language, [...own, ...args], { READER_RABBITMQ_URL: broker.url, ...variables });
    onTestFinished(() => void run.child.kill('SIGKILL'));
    return run;
  };
  /** Where nothing answers. */
  const noHealth = ['--health', 'http://127.0.0.1:1/'];

  it('is loading, ready, loading while the server hangs, and deregisters on SIGTERM with the server', async () => {
    const port = await freePort();
    const health = ['--health', `http://127.0.0.1:${port}/health`, '--probe-timeout', '0.2'];
    const run = start('served', [...health, '--', ...modelServer(port)], { SIGNALBOX_READER_BACKEND: 'python' });
    // It may be ready before anyone looks.
    await eventually(() => received.states('served').includes('loading'));
    await state('served', 'ready');
    const { pids, backend, model_type } = received.beats('served').at(-1)!;
    expect([backend, model_type, pids.length, pids.includes(run.pid)]).toEqual(['python', 'chat', 1, false]);
    process.kill(pids[0]!, 'SIGSTOP');
    await state('served', 'loading');
    process.kill(pids[0]!, 'SIGCONT');
    await state('served', 'ready');
    expect(await run.stop('SIGTERM')).toBe(0);
    await state('served', 'stopping');
    expect(() => process.kill(pids[0]!, 0)).toThrow('ESRCH');
    expect(new Set(received.beats('served').map(({ boot_id }) => boot_id)).size).toBe(1);
    expect(run.output).not.toContain(new URL(broker.url).password);
  });

  it('returns the exit code of the command, and deregisters where that is 0', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-commands-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const gate = join(folder, 'gate');
    /** Waits until all of them are seen. */
    const shell = (id: string, script: string) =>
      start(id, [...noHealth, '--', 'sh', '-c', `while [ ! -e ${gate} ]; do sleep 0.1; done; ${script}`]);
    const [failed, ended, killed] = [
      shell('failed', 'env; exit 3'),
      shell('ended', 'exit 0'),
      shell('killed', 'kill -9 $$'),
    ];
    const absent = start('absent', [...noHealth, '--', '/none/serve']);
    for (const id of ['failed', 'ended', 'killed']) await state(id, 'loading');
    writeFileSync(gate, '');
    const codes = await Promise.all([failed, ended, killed, absent].map((run) => run.ended));
    expect(codes).toEqual([3, 0, 137, 127]);
    await state('ended', 'stopping');
    for (const id of ['failed', 'killed']) expect(new Set(received.states(id))).toEqual(new Set(['loading']));
    expect(failed.output).toContain('PATH=');
    expect(failed.output).not.toMatch(/READER_RABBITMQ_URL/);
    expect(failed.output).toContain('the model server ended with exit code 3');
  });

  it('kills a command that does not end', async () => {
    const run = start('stubborn', [
      ...noHealth,
      '--stop-timeout',
      '0.3',
      '--',
      'sh',
      '-c',
      'trap "" TERM; echo up; while :; do sleep 0.1; done',
    ]);
    await run.prints('up');
    expect(await run.stop('SIGTERM')).toBe(137);
    await state('stubborn', 'stopping');
  });

  it('shows a server that runs already, with the processes that are given', async () => {
    const server = createServer((_request, response) => void response.end('ok')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const run = start('beside', ['--health', `http://127.0.0.1:${port}`, '--pids', '7,8', '--groups', 'a, b']);
    await state('beside', 'ready');
    expect(received.beats('beside').at(-1)).toMatchObject({ pids: [7, 8], consumer_groups: ['a', 'b'] });
    server.closeAllConnections();
    server.close();
    await state('beside', 'loading');
    expect(await run.stop('SIGINT')).toBe(0);
    await state('beside', 'stopping');
  });

  it('says which option is wrong, and prints no secret', async () => {
    const secret = 'amqp://a:hunter2@b/';
    const runs = [
      start('r', ['--url', secret, ...noHealth]),
      start('r', [...noHealth, '--probe-failures', 'many']),
      start('r', [...noHealth, '--unknown']),
      start('r', [], { READER_RABBITMQ_URL: secret }),
      start('r', noHealth, { READER_RABBITMQ_URL: 'http://a:hunter2@b/' }),
      start('r', noHealth, { READER_RABBITMQ_URL: '' }),
    ];
    expect(await Promise.all(runs.map((run) => run.ended))).toEqual([2, 2, 2, 2, 2, 2]);
    const output = runs.map((run) => run.output);
    expect(output).toEqual([
      expect.stringContaining('Set READER_RABBITMQ_URL instead.'),
      expect.stringMatching(/probe_?failures: must be a whole number/i),
      expect.stringContaining("Unknown option '--unknown'"),
      expect.stringContaining('Give --health.'),
      expect.stringContaining('url: must be an amqp:// or amqps:// URL'),
      expect.stringContaining('Set either READER_RABBITMQ_URL or READER_RABBITMQ_URL_FILE.'),
    ]);
    expect(output.join('')).not.toContain('hunter2');
  });
});

it.each([
  ['examples/model-reader.mjs', 'TypeScript'],
  ['examples/model-reader.py', 'Python'],
] as const)('%s shows its model server until SIGTERM', async (script, language) => {
  const broker = await testBroker();
  onTestFinished(() => broker.remove());
  const received = await ReceivedMessages.open(broker.url);
  onTestFinished(() => received.close());
  const { command, env } = commandOf(language, { mjs: script, py: [script] });
  const variables = { READER_RABBITMQ_URL: broker.url, PORT: String(await freePort()) };
  const run = new ScriptRun([...command, 'sample'], { cwd: checkout, env: { ...env, ...variables } });
  onTestFinished(() => void run.child.kill('SIGKILL'));
  await eventually(() => received.states('sample').at(-1) === 'ready');
  expect(received.states('sample')[0]).toBe('loading');
  expect(await run.stop('SIGTERM')).toBe(0);
  await eventually(() => received.states('sample').at(-1) === 'stopping');
});
