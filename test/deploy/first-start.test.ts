import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  freePort,
  SERVICES,
  startPostgres,
  startRabbitMq,
  type PostgresServer,
  type RabbitMqDefinitions,
  type RabbitMqNode,
} from '@signalbox/local-infra';
import { eventually } from '@signalbox/testing';
import { ServiceProcess } from '../support/service-process.js';
import { composeFile, environmentOf, inCheckout, newSettings } from './compose-file.js';

const made = newSettings();
const { services } = composeFile({
  ...made.settings,
  SIGNALBOX_CONFIG_FILE: inCheckout('examples/signalbox.config.json'),
});

let folder: string;
let postgres: PostgresServer;
let rabbitmq: RabbitMqNode;
const processes = new Map<string, ServiceProcess>();

/** What the container sees, with the folders of this machine in place of those of the container. */
async function environmentHere(name: string): Promise<Record<string, string>> {
  const here = Object.entries(environmentOf(services[name]!, made.secrets)).map(([variable, value]) => [
    variable,
    value.replace('/var/lib/signalbox', folder),
  ]);
  return {
    ...Object.fromEntries(here),
    SIGNALBOX_MANAGEMENT_PORT: '0',
    ...(name === 'gateway' && {
      PORT: String(await freePort()),
      SIGNALBOX_BROKER_AUTH_PORT: String(await freePort()),
    }),
  };
}

/** In a secret that is a URL, in place of the names of the containers. */
function atServersOfThisMachine(file: string): void {
  const text = readFileSync(file, 'utf8')
    .replace('@postgres:5432/', `@127.0.0.1:${postgres.port}/`)
    .replace('@rabbitmq:5672/', `@127.0.0.1:${rabbitmq.amqpPort}/`);
  writeFileSync(file, text);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-first-start-'));
  postgres = await startPostgres({
    home: join(folder, 'postgres'),
    logFile: join(folder, 'postgres.log'),
    superuserPassword: readFileSync(join(made.secrets, 'postgres-password'), 'utf8').trim(),
    settings: { fsync: 'off', wal_level: 'logical' },
  });
  const setup = spawnSync(process.execPath, [inCheckout(services['setup']!.command![0]!)], {
    env: {
      ...environmentOf(services['setup']!, made.secrets),
      SIGNALBOX_DEFINITIONS_FILE: join(folder, 'definitions.json'),
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: String(postgres.port),
    },
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (setup.status !== 0) throw new Error(setup.stderr);
  rabbitmq = await startRabbitMq({
    home: join(folder, 'rabbitmq'),
    logFile: join(folder, 'rabbitmq.log'),
    definitions: JSON.parse(readFileSync(join(folder, 'definitions.json'), 'utf8')) as RabbitMqDefinitions,
  });
  for (const file of readdirSync(made.secrets)) atServersOfThisMachine(join(made.secrets, file));
});

afterAll(async () => {
  await Promise.all([...processes.values()].map((each) => each.stop()));
  await rabbitmq?.stop();
  await postgres?.stop();
  for (const each of [folder, made.folder]) rmSync(each, { recursive: true, force: true });
});

it('a first start of all containers at once logs no warning, here and at the broker', async () => {
  for (const name of [...SERVICES, 'dataplane-agent']) {
    const script = services[name]!.command!.at(-1)!;
    processes.set(name, new ServiceProcess(name, await environmentHere(name), script));
  }
  await Promise.all([...processes.values()].map(({ ready }) => ready));
  const agentPort = (await processes.get('dataplane-agent')!.ready).managementPort;
  await eventually(async () => (await fetch(`http://127.0.0.1:${agentPort}/readyz`)).ok, { timeoutMs: 30_000 });

  const warnings = [...processes].flatMap(([name, { output }]) =>
    output
      .split('\n')
      .filter((line) => /"level":"(?:warn|error|fatal)"/.test(line))
      .map((line) => `${name}: ${line}`),
  );
  expect(warnings).toEqual([]);
  const broker = readFileSync(join(folder, 'rabbitmq.log'), 'utf8').split('\n');
  // RabbitMQ says this of every new virtual host.
  const usual = 'rebuilding indices from scratch';
  expect(broker.filter((line) => /\[(?:warning|error)\]/.test(line) && !line.includes(usual))).toEqual([]);
});
