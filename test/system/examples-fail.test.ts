import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { python, testBroker, testPackages, type TestBroker } from '@signalbox/testing';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkout, ScriptRun, until } from '../support/script-run.js';

/** Nothing listens there. */
const CLOSED = 'amqp://someone:geheim@127.0.0.1:1/x';
const clients = [
  { script: 'examples/reader.mjs', args: ['r'], variable: 'READER_RABBITMQ_URL' },
  { script: 'examples/reader.py', args: [], variable: 'READER_RABBITMQ_URL' },
  { script: 'examples/changes-consumer.mjs', args: ['c'], variable: 'CONSUMER_RABBITMQ_URL' },
  { script: 'examples/changes-consumer.py', args: [], variable: 'CONSUMER_RABBITMQ_URL' },
  { script: 'examples/dataplane-agent.py', args: ['d'], variable: 'DATAPLANE_RABBITMQ_URL' },
];

let broker: TestBroker;
beforeAll(testPackages, 600_000);
beforeAll(async () => {
  broker = await testBroker();
});
afterAll(() => broker?.remove());

const commandOf = (script: string): string => (script.endsWith('.py') ? python() : process.execPath);
const envOf = (variables: Record<string, string>) => ({
  PATH: process.env['PATH'],
  PYTHONUNBUFFERED: '1',
  SIGNALBOX_HOME: '/none',
  ...variables,
});

function start(script: string, args: string[], variables: Record<string, string>): ScriptRun {
  const run = new ScriptRun([commandOf(script), script, ...args], { cwd: checkout, env: envOf(variables) });
  onTestFinished(() => void run.child.kill('SIGKILL'));
  return run;
}

const finished = (script: string, variables: Record<string, string>) =>
  spawnSync(commandOf(script), [script], { cwd: checkout, env: envOf(variables), encoding: 'utf8', timeout: 30_000 });

/** Neither where an error came from in the code, nor a password. */
function expectPlain(text: string): void {
  expect(text).not.toMatch(/Traceback|^ {2,}at |^ {2}File "/m);
  expect(text).not.toContain('geheim');
}

describe.each(clients)('$script', ({ script, args, variable }) => {
  it('ends with the name of the variable when its URL is wrong', async () => {
    const urls = ['foo', 'http://someone:geheim@x/', 'amqp://someone:geheim@127.0.0.1:port/'];
    const runs = urls.map((url) => start(script, args, { [variable]: url }));
    for (const run of runs) {
      expect(await run.ended).toBeGreaterThan(0);
      expect(run.output).toMatch(new RegExp(`${variable}|url: must be`));
      expectPlain(run.output);
    }
  });

  it('says in a line that the broker does not answer, or refuses the login', async () => {
    const wrong = new URL(broker.url);
    wrong.password = 'geheim';
    const runs = [CLOSED, wrong.href].map((url) => start(script, args, { [variable]: url }));
    for (const run of runs) {
      const line = /no connection|do not reach|ends \(/;
      await until('the line', () => line.test(run.output));
      expect(run.output).toMatch(line);
      expectPlain(run.output);
    }
  });
});

describe('examples/shop and examples/endpoint', () => {
  const admin = { SHOP_PASSWORD: 'a', SHOP_REPLICATOR_PASSWORD: 'b', SHOP_READER_PASSWORD: 'c' };

  it.each([
    ['examples/shop/setup.mjs', { ...admin, SHOP_ADMIN_URL: 'foo' }, 'SHOP_ADMIN_URL: expected a URL'],
    [
      'examples/shop/setup.mjs',
      { ...admin, SHOP_ADMIN_URL: 'postgres://someone:geheim@127.0.0.1:1/x' },
      'SHOP_ADMIN_URL: connect ECONNREFUSED 127.0.0.1:1',
    ],
    ['examples/shop/writer.mjs', { SHOP_URL: 'foo' }, 'SHOP_URL: expected a URL'],
    ['examples/endpoint/endpoint.mjs', { SHOP_URL: 'foo', ENDPOINT_SIGNING_KEY: 'k' }, 'SHOP_URL: expected a URL'],
    [
      'examples/endpoint/endpoint.mjs',
      { SHOP_URL: 'postgres://127.0.0.1:1/x', ENDPOINT_SIGNING_KEY: 'k', PORT: 'http' },
      'PORT: expected a number',
    ],
  ])('%s says what is wrong with %o', (script, variables, text) => {
    const { status, stderr } = finished(script, variables);
    expect([status, stderr]).toEqual([1, expect.stringContaining(text)]);
    expectPlain(stderr);
  });

  it('endpoint.mjs names a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const run = start('examples/endpoint/endpoint.mjs', [], {
      SHOP_URL: 'postgres://127.0.0.1:1/x',
      ENDPOINT_SIGNING_KEY: 'k',
      PORT: String(port),
    });
    expect(await run.ended).toBe(1);
    expect(run.output).toContain(`Port ${port} of 127.0.0.1 cannot be used (EADDRINUSE). Set PORT`);
    expectPlain(run.output);
  });
});

it('examples/changes-consumer.py names a file of ids that cannot be used', () => {
  const script = 'examples/changes-consumer.py';
  const { status, stderr } = spawnSync(python(), [script, '--ids', '/none/x'], {
    cwd: checkout,
    env: envOf({ CONSUMER_RABBITMQ_URL: CLOSED }),
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('the file of --ids cannot be used')]);
  expectPlain(stderr);
});

it.each(['examples/changes-consumer.mjs', 'examples/changes-consumer.py'])(
  '%s ends when the reader of its output has ended',
  async (script) => {
    const model = await connect(broker.url);
    onTestFinished(() => model.close());
    const channel = await model.createChannel();
    await channel.assertExchange('signalbox.changes', 'topic');
    const child = spawn(commandOf(script), [script, ...(script.endsWith('.mjs') ? ['c'] : ['--name', 'c'])], {
      cwd: checkout,
      env: envOf({ CONSUMER_RABBITMQ_URL: broker.url }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await once(child.stderr, 'data');
    child.stdout.destroy();
    const change = { id: 'a:1', op: 'insert', schema: 'public', table: 't', key: { id: '1' }, after: { id: '1' } };
    for (let number = 0; number < 3; number++)
      channel.publish('signalbox.changes', 'a', Buffer.from(JSON.stringify({ ...change, id: `a:${number}` })));
    expect(await once(child, 'exit')).toEqual([0, null]);
    expectPlain(errors);
  },
);
