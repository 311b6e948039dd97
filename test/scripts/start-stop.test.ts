import { chmodSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort } from '@signalbox/local-infra';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptRun, processesNaming, until } from '../support/script-run.js';
import { SmallCheckout } from './small-checkout.js';

let checkout: SmallCheckout;
let port: number;
let runs: ScriptRun[];

beforeEach(async () => {
  checkout = new SmallCheckout();
  port = await freePort();
  runs = [];
});

afterEach(async () => {
  for (const run of runs) run.child.kill('SIGKILL');
  await Promise.all(runs.map((run) => run.ended));
  await script('stop').ended;
  checkout.remove();
});

/** Given servers stand for the infrastructure: nothing here connects to them. */
function script(name: string, env: NodeJS.ProcessEnv = {}): ScriptRun {
  const { npm_lifecycle_event: _, SIGNALBOX_HOME: __, ...outer } = process.env;
  const given = { DATABASE_URL: 'postgres://127.0.0.1/x', RABBITMQ_URL: 'amqp://127.0.0.1', PORT: String(port) };
  const run = new ScriptRun([process.execPath, `scripts/${name}.mjs`], {
    cwd: checkout.path,
    env: { ...outer, ...given, ...env },
  });
  runs.push(run);
  return run;
}

async function started(env: NodeJS.ProcessEnv = {}): Promise<ScriptRun> {
  const run = script('start', env);
  await run.prints('Ctrl-C stops everything.');
  return run;
}

/** What every process may get of the starter's environment: scripts/lib/processes/environment.mjs says why. */
const HARMLESS = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_ENV',
  'SIGNALBOX_RUN',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
];

const environmentOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

function pidOf(name: string): number {
  const file = join(checkout.home, 'run', `${name}.pid`);
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

describe('npm start', () => {
  it('comes up, says where it is, and leaves nothing behind on SIGTERM', async () => {
    const run = await started();
    expect(run.output).toContain(`http://127.0.0.1:${port}/docs`);
    expect(run.output.match(/^ {2}curl /gm)).toHaveLength(5);
    expect(run.output).toContain('no sample datasources');
    expect(pidOf('supervisor')).toBe(run.pid);
    expect(readdirSync(join(checkout.home, 'log'))).toEqual(
      expect.arrayContaining(['gateway.log', 'registry.log', 'reader-sample-llama-0.log']),
    );
    expect(readFileSync(join(checkout.home, 'log/gateway.log'), 'utf8')).toContain('--max-semi-space-size=32');
    expect(statSync(join(checkout.home, 'connection.env')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(checkout.home, 'connection.env'), 'utf8')).toContain(
      'READER_RABBITMQ_URL=amqp://127.0.0.1\n',
    );

    expect(await run.stop()).toBe(0);
    expect(processesNaming(checkout.path)).toEqual([]);
    expect(readdirSync(join(checkout.home, 'run'))).toEqual([]);
  });

  it('gives its processes the variables that they read, and nothing else of its environment', async () => {
    const foreign = { AWS_SECRET_ACCESS_KEY: 'planted', MIGRATION_DATABASE_URL: '', NODE_OPTIONS: '--no-warnings' };
    checkout.write('projects.json', '{"projects": [{"name": "${PROJECT_NAME}"}]}');
    const run = await started({
      ...foreign,
      PROJECT_NAME: 'shop',
      LOG_LEVEL: 'info',
      SIGNALBOX_CONFIG_FILE: join(checkout.path, 'projects.json'),
    });
    const given = (name: string): string[] =>
      Object.keys(environmentOf(pidOf(name))).filter((variable) => !HARMLESS.includes(variable));
    const ofService = ['BROKER_SENDERS', 'DATABASE_URL', 'HOST', 'LOG_LEVEL', 'PORT', 'RABBITMQ_URL'];
    const SECRETS = 'SIGNALBOX_SECRET_KEYS_FILE';
    const LOOPBACK = 'SIGNALBOX_ALLOW_LOOPBACK_TARGETS';
    const MANAGEMENT = 'SIGNALBOX_MANAGEMENT_PORT';
    const CONFIG = 'SIGNALBOX_CONFIG_FILE';
    // The services of this checkout all have the same few variables.
    const all = [...ofService, CONFIG].filter((name) => name !== 'HOST');
    const expected: Record<string, string[]> = {
      gateway: [...all, MANAGEMENT, 'SIGNALBOX_ADMIN_KEY_FILE', 'SIGNALBOX_PORT'],
      'reader-heartbeat': [...all, MANAGEMENT],
      'dataplane-control': [...all, MANAGEMENT],
      journal: [...all, MANAGEMENT],
      'datasource-sync': [...all, MANAGEMENT, SECRETS, LOOPBACK],
      registry: [
        ...all,
        MANAGEMENT,
        SECRETS,
        LOOPBACK,
        'PROJECT_NAME',
        'SIGNALBOX_INITIALIZE',
        'SIGNALBOX_REGISTRY_DATA',
      ],
      'dataplane-main': [
        ...all.filter((name) => name !== 'DATABASE_URL'),
        MANAGEMENT,
        'SIGNALBOX_DATAPLANE',
        'SIGNALBOX_AGENT_FILES',
      ],
      'reader-sample-llama-0': ['READER_RABBITMQ_URL', 'SIGNALBOX_HOME'],
    };
    for (const [name, variables] of Object.entries(expected))
      expect([name, given(name).sort()]).toEqual([name, variables.toSorted()]);
    expect(await run.stop()).toBe(0);
  });

  it('keeps its folder, and the files of secrets in it, to its owner, also those of an earlier release', async () => {
    const secrets = ['admin.key', 'secret.keys', 'datasource-secret.keys', 'credentials.json', 'connection.env'];
    for (const file of secrets) checkout.write(`.signalbox/${file}`, 'sk_test', 0o644);
    chmodSync(checkout.home, 0o755);
    await started();
    const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect(modeOf(checkout.home)).toBe('700');
    expect(secrets.map((file) => [file, modeOf(join(checkout.home, file))])).toEqual(
      secrets.map((file) => [file, '600']),
    );
  });

  it('reads the URLs of given servers from files, and refuses both forms at once', async () => {
    checkout.write('secrets/database', 'postgres://127.0.0.1/from-file\n');
    const file = join(checkout.path, 'secrets/database');
    await started({ DATABASE_URL: '', DATABASE_URL_FILE: file });
    expect(environmentOf(pidOf('registry'))).toMatchObject({ DATABASE_URL: 'postgres://127.0.0.1/from-file' });
    await script('stop').ended;
    const both = script('start', { DATABASE_URL_FILE: file });
    expect(await both.ended).toBe(1);
    expect(both.output).toContain('DATABASE_URL and DATABASE_URL_FILE are both set');
  });

  it('starts a service that dies again, and leaves a dead reader dead', async () => {
    const run = await started();
    const [registry, reader] = [pidOf('registry'), pidOf('reader-sample-llama-0')];
    process.kill(registry, 'SIGKILL');
    process.kill(reader, 'SIGKILL');
    await run.prints('registry ended (by SIGKILL); starting it again in 0.5 s');
    await run.prints('registry is up again');
    process.kill(pidOf('dataplane-main'), 'SIGTERM');
    await run.prints('↻ dataplane-main ended as requested; starting it again in 0.5 s\n');
    expect(pidOf('registry')).not.toBe(registry);
    await run.prints('npm run reader -- sample-llama-0');
    expect(pidOf('reader-sample-llama-0')).toBe(0);
  });

  it('refuses to start twice, also when both start at once', async () => {
    const both = [script('start'), script('start')];
    const loser = await Promise.race(both.map(async (run) => ({ run, code: await run.ended })));
    const winner = both.find((run) => run !== loser.run);
    expect(loser.code).toBe(1);
    expect(loser.run.output).toContain(`already running (pid ${winner?.pid}, http://127.0.0.1:${port})`);
    await winner?.prints('Ctrl-C stops everything.');
    const pids = ['gateway', 'supervisor'].map(pidOf);
    const third = script('start');
    expect(await third.ended).toBe(1);
    expect(['gateway', 'supervisor'].map(pidOf)).toEqual(pids);
  });

  it('cleans up after a run that was killed', async () => {
    const killed = await started();
    const reader = pidOf('reader-sample-embed-0');
    await killed.stop('SIGKILL');
    const run = await started();
    expect(run.output).toContain('stopped what an earlier run left behind:');
    expect(processesNaming(checkout.path).some((line) => line.startsWith(`${reader} `))).toBe(false);
  });

  it('does not kill another process that has the pid of one of ours by now', async () => {
    const run = await started();
    const other = new ScriptRun(['sleep', '60'], { cwd: '/', env: {} });
    runs.push(other);
    await run.stop('SIGKILL');
    checkout.write('.signalbox/run/registry.pid', `${other.pid}\n`);
    expect(await script('stop').ended).toBe(0);
    expect(other.child.exitCode).toBeNull();
    expect(other.child.signalCode).toBeNull();
  });

  it('names a taken port and who has it', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
    const run = script('start');
    expect(await run.ended).toBe(1);
    expect(run.output).toContain(`port ${port} is taken by process ${process.pid}`);
    expect(run.output).toContain(`PORT=${port + 1} npm start`);
    await new Promise((resolve) => holder.close(resolve));
  });

  it('shows every value that is not valid at once, and starts nothing', async () => {
    const run = script('start', {
      PORT: '70000',
      HOST: '999.1.1.1',
      LOG_LEVEL: 'loud',
      READER_RABBITMQ_URL: 'geheim',
    });
    expect(await run.ended).toBe(1);
    expect(run.output.slice(run.output.indexOf('✗'))).toBe(
      [
        '✗ the configuration is not valid, so nothing was started:',
        '  PORT: got "70000"; expected a port: 1 to 65535',
        '  HOST: got "999.1.1.1"; expected an address of this machine, or 0.0.0.0 for all',
        '  READER_RABBITMQ_URL: is set (value not shown); expected a URL that starts with amqp:// or amqps://',
        '  LOG_LEVEL: got "loud"; expected one of info, warn (all services)',
        '  docs/configuration.md describes every variable.',
        '',
      ].join('\n'),
    );
    expect(existsSync(join(checkout.home, 'log/gateway.log'))).toBe(false);
  });

  it('says that the registry is frozen, by which file and why', async () => {
    const run = await started({ SIGNALBOX_CONFIG_FILE: '/nope.json' });
    expect(run.output).toContain('\n! /nope.json: It cannot be read.\n');
    expect(await run.stop()).toBe(0);
  });

  it('ends when its home cannot be created', async () => {
    const run = script('start', { SIGNALBOX_HOME: '/proc/nope' });
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('✗ the folder /proc/nope cannot be created\n');
    expect(run.output).toContain('Set SIGNALBOX_HOME');
  });

  it('shows the end of the log of a service that does not come up, without that of earlier runs, and stops the others', async () => {
    checkout.write('.signalbox/log/registry.log', 'trouble of yesterday\n');
    checkout.write('apps/registry/bundle/main.js', 'console.log("no database for me"); process.exit(3);');
    const run = script('start');
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('registry did not start (exit code 3)');
    expect(run.output).toContain('│ no database for me');
    expect(run.output).not.toContain('yesterday');
    expect(run.output).toContain(join(checkout.home, 'log/registry.log'));
    expect(processesNaming(checkout.path)).toEqual([]);
  });

  it('shows the end of the log of a build that fails', async () => {
    checkout.write('node_modules/typescript/bin/tsc', 'console.log("error TS1: that is no type"); process.exit(2);');
    const run = script('start');
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('the build (tsc -b) failed (exit code 2)');
    expect(run.output).toContain('│ error TS1: that is no type');
  });

  it('ends in the middle of an installation, with all that npm has started', async () => {
    checkout.write('package-lock.json', JSON.stringify({ packages: { 'node_modules/x': { version: '1.0.0' } } }));
    checkout.write('bin/npm', '#!/bin/sh\nsleep 60 &\necho "working in $PWD"\nwait\n', 0o755);
    const run = script('start', { PATH: `${checkout.path}/bin:${process.env.PATH}` });
    await run.prints('… installing packages');
    expect(await run.stop('SIGINT')).toBe(0);
    expect(readFileSync(join(checkout.home, 'log/install.log'), 'utf8')).toBe(`working in ${checkout.path}\n`);
    expect(processesNaming(checkout.path)).toEqual([]);
  });

  it('does not replace the packages of what runs from this checkout', async () => {
    await started();
    checkout.write('package-lock.json', JSON.stringify({ packages: { 'node_modules/x': { version: '1.0.0' } } }));
    const run = script('start', { SIGNALBOX_HOME: join(checkout.path, 'other'), PORT: String(await freePort()) });
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('package-lock.json has changed');
  });

  it('refuses one given server without the other', async () => {
    const run = script('start', { DATABASE_URL: '' });
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('RABBITMQ_URL is set and DATABASE_URL is not');
  });

  it('uses a Docker engine that runs, with definitions from the home, and stops its containers', async () => {
    checkout.addDocker();
    const run = await started({ DATABASE_URL: '', RABBITMQ_URL: '', PATH: `${checkout.path}/bin:${process.env.PATH}` });
    expect(run.output).toContain('RabbitMQ and Postgres are up in Docker');
    expect(run.output).toMatch(/provisioned postgres:\/\/postgres@127\.0\.0\.1:\d+/);
    expect(readFileSync(join(checkout.home, 'docker/definitions.json'), 'utf8')).toContain('operator');
    expect(run.output).toContain('two datasources are active');
    await run.stop();
    const calls = readFileSync(join(checkout.path, 'docker-calls'), 'utf8');
    expect(calls).toMatch(
      /compose -p signalbox-\w+ -f \S+\.yml -f \S+start\.yml up -d --wait --no-deps rabbitmq postgres \(\S+\/docker \d+ \d+\)/,
    );
    expect(calls).toMatch(/compose -p signalbox-\w+ -f \S+\.yml -f \S+start\.yml stop rabbitmq postgres/);
  });

  it('runs what it has just built, also where an earlier run has left servers', async () => {
    checkout.addDocker();
    const library = 'node_modules/@signalbox/local-infra/index.js';
    const built = readFileSync(join(checkout.path, library), 'utf8').replace("'provisioned'", "'provisioned again'");
    checkout.write('built.js', built);
    checkout.write('node_modules/typescript/bin/tsc', `require('node:fs').copyFileSync('built.js', '${library}');`);
    checkout.write('node_modules/typescript/package.json', '{}');
    checkout.write('.signalbox/rabbitmq/process.json', '{"pid":1,"startedAt":"long ago"}');
    const run = await started({ DATABASE_URL: '', RABBITMQ_URL: '', PATH: `${checkout.path}/bin:${process.env.PATH}` });
    expect(run.output).toContain('provisioned again');
  });

  it('continues when its output is not read any more', async () => {
    const run = await started();
    run.child.stdout?.destroy();
    const registry = pidOf('registry');
    process.kill(registry, 'SIGKILL');
    await until('another registry', () => pidOf('registry') !== 0 && pidOf('registry') !== registry);
    await run.stop();
    expect(run.child.exitCode).toBe(0);
  });

  it('stops when the npm that started it is killed', async () => {
    const npm = new ScriptRun(['sh', '-c', `${process.execPath} scripts/start.mjs & wait`], {
      cwd: checkout.path,
      env: {
        ...process.env,
        DATABASE_URL: 'postgres://x',
        RABBITMQ_URL: 'amqp://x',
        PORT: String(port),
        npm_lifecycle_event: 'start',
      },
    });
    await npm.prints('Ctrl-C stops everything.');
    npm.child.kill('SIGKILL');
    await until('everything to end', () => processesNaming(checkout.path).length === 0);
    expect(pidOf('supervisor')).toBe(0);
  });
});

describe('npm stop', () => {
  it('stops what runs, and says when nothing does', async () => {
    const run = await started();
    const stop = script('stop');
    expect(await stop.ended).toBe(0);
    expect(stop.output).toContain('Signalbox is stopped');
    expect(await run.ended).toBe(0);
    const again = script('stop');
    expect(await again.ended).toBe(0);
    expect(again.output).toContain('Signalbox is not running.');
  });

  it('stops what a killed run left behind', async () => {
    await (await started()).stop('SIGKILL');
    const stop = script('stop');
    expect(await stop.ended).toBe(0);
    expect(stop.output).toContain('stopped what an earlier run left behind');
    expect(stop.output).toContain('reader-sample-llama-0');
    expect(readdirSync(join(checkout.home, 'run'))).toEqual([]);
  });
});
