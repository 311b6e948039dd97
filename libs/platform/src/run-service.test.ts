import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

/** Each test runs a process: a service as an app defines it, with the built package. */
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const children: ChildProcess[] = [];

interface Service {
  readonly child: ChildProcess;
  /** Resolves with the first output that contains `text`. */
  readonly printed: (text: string) => Promise<string>;
  /** Exit status, and the output of both streams. */
  readonly ended: Promise<{ code: number | null; output: string }>;
}

function run(script: string, { supervised = true, env = {} } = {}): Service {
  const prelude =
    "import { runService } from './dist/run-service.js'; import { ConfigError } from './dist/config.error.js';\n";
  const child = spawn(process.execPath, ['--input-type=module', '-e', prelude + script], {
    cwd: packageFolder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(supervised ? (['ipc'] as const) : [])],
  });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  // Not `close`: a child never emits it after its channel was disconnected.
  const drained = [child.stdout, child.stderr].map((stream) => once(stream!, 'end'));
  const ended = Promise.all([once(child, 'exit'), ...drained]).then(([[code]]) => ({
    code: code as number | null,
    output,
  }));
  const printed = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => void (output.includes(text) && resolve(output));
      look();
      child.stdout?.on('data', look);
      child.stderr?.on('data', look);
      void ended.then(() => reject(new Error(`ended without printing ${text}:\n${output}`)));
    });
  return { child, printed, ended };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const service = (parts: { start?: string; stop?: string; options?: string } = {}): string => `
  const keepAlive = setInterval(() => undefined, 1000);
  runService({
    name: 'sample', config: () => ({ LOG_LEVEL: 'info' }), ${parts.options ?? ''}
    start: async ({ shutdown, requestStop }) => {
      ${parts.start ?? ''}
      return { ready: { managementPort: 4321, port: 8080 }, stop: async () => { console.log('stop called'); ${parts.stop ?? ''} } };
    },
  });`;

const timesStopped = (output: string): number => output.split('stop called').length - 1;

test('warns of nothing where many requests wait for the stop', async () => {
  const listen = "for (let n = 0; n < 50; n++) shutdown.addEventListener('abort', () => undefined);";
  const { child, ended } = run(service({ start: listen, stop: 'clearInterval(keepAlive);' }));
  await once(child, 'message');
  child.kill('SIGTERM');
  const { code, output } = await ended;
  expect([code, output]).toEqual([0, expect.not.stringContaining('Warning')]);
});

test('sends `ready` to its supervisor, and stops once for several requests', async () => {
  const { child, ended } = run(service());
  expect((await once(child, 'message'))[0]).toEqual({ type: 'ready', managementPort: 4321, port: 8080 });
  child.kill('SIGTERM');
  child.kill('SIGINT');
  child.disconnect();
  const { code, output } = await ended;
  expect(code).toBe(0);
  expect(timesStopped(output)).toBe(1);
});

test.each(['SIGTERM', 'SIGINT'] as const)('stops on %s without a supervisor, too', async (signal) => {
  const { child, printed, ended } = run(service(), { supervised: false });
  await printed('"ready"');
  child.kill(signal);
  expect(await ended).toMatchObject({ code: 0, output: expect.stringContaining('stop called') });
});

test('stops when its supervisor disconnects', async () => {
  const { child, ended } = run(service());
  await once(child, 'message');
  child.disconnect();
  expect(await ended).toMatchObject({ code: 0, output: expect.stringContaining('the supervisor disconnected') });
});

test('stops in order, and once, when the service itself requests it several times', async () => {
  const request = "requestStop('the work is done');";
  const { ended } = run(service({ start: `setTimeout(() => { ${request} ${request} }, 20);` }));
  const { code, output } = await ended;
  expect(code).toBe(0);
  expect(timesStopped(output)).toBe(1);
  expect(output).toContain('"reason":"the work is done"');
});

test('exits with status 1 at the deadline when a stop does not end', async () => {
  const { child, ended } = run(
    service({ options: 'stopDeadlineMs: 50,', stop: 'await new Promise(() => undefined);' }),
  );
  await once(child, 'message');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 1, output: expect.stringContaining('still not stopped after 50 ms') });
});

test('exits with status 1 when a stop fails', async () => {
  const { child, ended } = run(service({ stop: "throw new Error('cannot close');" }));
  await once(child, 'message');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 1, output: expect.stringContaining('cannot close') });
});

test('stops what it started when the stop is requested during the start', async () => {
  const { child, printed, ended } = run(
    service({
      start:
        "console.log('starting'); await new Promise((resolve) => process.once('SIGTERM', () => setTimeout(resolve, 20)));",
    }),
  );
  await printed('starting');
  child.kill('SIGTERM');
  const { code, output } = await ended;
  expect(code).toBe(0);
  expect(timesStopped(output)).toBe(1);
  expect(output).not.toContain('"msg":"ready"');
});

test('aborts a start that waits when a stop is requested, and exits with status 0', async () => {
  const { child, printed, ended } = run(
    service({
      start: `console.log('starting');
        await new Promise((_, reject) => shutdown.addEventListener('abort', () => reject(shutdown.reason)));`,
    }),
  );
  await printed('starting');
  child.kill('SIGINT');
  const { code, output } = await ended;
  expect(code).toBe(0);
  expect(timesStopped(output)).toBe(0);
  expect(output).not.toContain('fatal');
});

test('logs one fatal line and exits with status 1 when a start fails', async () => {
  const { ended } = run(service({ start: "throw new Error('no such exchange');" }));
  const { code, output } = await ended;
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({
    level: 'fatal',
    name: 'sample',
    msg: 'could not start: no such exchange',
  });
});

test.each([
  [
    'found while the configuration is read',
    "runService({ name: 'sample', config: () => { throw new ConfigError('PORT: is not set'); }, start: async () => {} });",
  ],
  ['found during the start', service({ start: "throw new ConfigError('PORT: is not set');" })],
])('prints a configuration error as plain text, without a stack, when it is %s', async (_when, script) => {
  const { code, output } = await run(script).ended;
  expect(code).toBe(1);
  expect(output).toBe('sample cannot start. PORT: is not set\n');
});

test.each([
  ['uncaught exception', "setTimeout(() => { throw new Error('lost it'); }, 5);"],
  ['unhandled rejection', "setTimeout(() => void Promise.reject(new Error('lost it')), 5);"],
])('stops in order with status 1 after an %s', async (kind, start) => {
  const { code, output } = await run(service({ start })).ended;
  expect(code).toBe(1);
  expect(output).toContain(`"msg":"${kind}"`);
  expect(output).toContain('lost it');
  expect(timesStopped(output)).toBe(1);
});
