import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AMQP_USERS,
  CHANNEL_MAX,
  MAX_MESSAGE_BYTES,
  CLOSING_SETTINGS,
  KEY_LOGIN_PLUGINS,
  keyLoginSettings,
  SERVICES,
} from '@signalbox/local-infra';
import { parse } from 'yaml';
import { composeFile, inCheckout, newSettings, readText, variablesOf, type ComposeFile } from './compose-file.js';

/** As `npm start` gives them. */
const NODE_OPTIONS: Record<string, string[]> = { gateway: ['--max-semi-space-size=32'] };

/** Members of a service as the Compose Specification names them, as far as this file uses any. */
const MEMBERS = new Set([
  'image',
  'build',
  'command',
  'environment',
  'depends_on',
  'healthcheck',
  'ports',
  'volumes',
  'restart',
  'read_only',
  'tmpfs',
  'cap_drop',
  'cap_add',
  'security_opt',
  'logging',
  'stop_grace_period',
  'shm_size',
  'hostname',
  'networks',
  'secrets',
  'mem_limit',
  'pids_limit',
]);
const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'];
const SERVERS = ['postgres', 'rabbitmq'];

describe('docker-compose.yml', () => {
  let folder: string;
  let secrets: string;
  let compose: ComposeFile;

  beforeAll(() => {
    const made = newSettings();
    ({ folder, secrets } = made);
    compose = composeFile({ ...made.settings, SIGNALBOX_SECRETS: secrets });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('has the six services, a dataplane, the two servers and their setup', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...SERVICES, ...SERVERS, 'dataplane-agent', 'setup'].sort());
  });

  it('contains only members and conditions that Compose accepts, and publishes ports on 127.0.0.1 only', () => {
    expect(
      Object.keys(compose)
        .filter((name) => !name.startsWith('x-'))
        .sort(),
    ).toEqual(['name', 'networks', 'secrets', 'services', 'volumes']);
    for (const [name, service] of Object.entries(compose.services)) {
      expect({ name, unknown: Object.keys(service).filter((member) => !MEMBERS.has(member)) }).toEqual({
        name,
        unknown: [],
      });
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(compose.services).toHaveProperty(other);
        expect(CONDITIONS).toContain(condition);
      }
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d*:\d+$/);
    }
  });

  it('mounts only declared volumes and existing files', () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]!),
    );
    const [files, volumes] = [
      mounts.filter((source) => source.startsWith('.')),
      mounts.filter((source) => !source.startsWith('.')),
    ];
    expect([...new Set(volumes)].sort()).toEqual(Object.keys(compose.volumes).sort());
    expect(files.filter((file) => !existsSync(inCheckout(file)))).toEqual([]);
  });

  it('starts in order: Postgres, then setup, then RabbitMQ, then the services', () => {
    const needs = (name: string) =>
      Object.fromEntries(
        Object.entries(compose.services[name]!.depends_on ?? {}).map(([other, { condition }]) => [other, condition]),
      );
    const [done, healthy] = ['service_completed_successfully', 'service_healthy'];
    expect(needs('postgres')).toEqual({});
    expect(needs('setup')).toEqual({ postgres: healthy });
    expect(needs('rabbitmq')).toEqual({ setup: done });
    for (const service of SERVICES)
      expect(needs(service)).toEqual({ setup: done, postgres: healthy, rabbitmq: healthy });
  });

  it.each([...SERVICES, ...SERVERS])('watches and restarts %s', (name) => {
    const { healthcheck, restart } = compose.services[name]!;
    expect(restart).toBe('unless-stopped');
    expect(healthcheck?.test[0]).toBe('CMD');
  });

  it.each([...SERVICES, 'dataplane-agent', 'setup'])('runs %s read-only, as node, without capabilities', (name) => {
    expect(compose.services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(compose.services[name]).not.toHaveProperty('cap_add');
    expect(readText('Dockerfile')).toMatch(/^USER node$/m);
  });

  it('bounds the memory and the processes of every container, and lets none get further privileges', () => {
    for (const [name, service] of Object.entries(compose.services))
      expect({ name, ...service }).toMatchObject({
        mem_limit: expect.stringMatching(/^\d+[mg]$/) as string,
        pids_limit: expect.any(Number) as number,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  it('lets only the gateway and RabbitMQ be reached from outside', () => {
    const published = Object.entries(compose.services).filter(([, { ports = [] }]) => ports.length > 0);
    expect(published.map(([name]) => name)).toEqual(['rabbitmq', 'gateway']);
    const networksOf = Object.fromEntries(
      Object.entries(compose.services).map(([name, { networks = [] }]) => [
        name,
        Array.isArray(networks) ? networks : Object.keys(networks),
      ]),
    );
    expect(networksOf).toEqual({
      postgres: ['database'],
      setup: ['database'],
      rabbitmq: ['edge', 'broker', 'management'],
      gateway: ['edge', 'broker', 'management', 'database'],
      'reader-heartbeat': ['broker', 'database'],
      registry: ['broker', 'database', 'egress'],
      'dataplane-control': ['broker', 'database'],
      'dataplane-agent': ['broker', 'egress'],
      'datasource-sync': ['broker', 'database', 'egress'],
      journal: ['broker', 'database'],
    });
    expect(compose.networks).toEqual({
      edge: null,
      egress: null,
      broker: { internal: true },
      management: { internal: true },
      database: { internal: true },
    });
  });

  it('lets API keys log in to RabbitMQ, which asks the gateway', () => {
    const settings = new Map(
      [...readText('deploy/rabbitmq.conf').matchAll(/^([\w.]+) = (.*)$/gm)].map(([, name, value]) => [name!, value!]),
    );
    const { SIGNALBOX_BROKER_AUTH_PORT: port } = compose.services['gateway']!.environment!;
    const url = `http://gateway:${port}`;
    const expected = {
      ...keyLoginSettings({ url }),
      ...CLOSING_SETTINGS,
      channel_max: String(CHANNEL_MAX),
      max_message_size: String(MAX_MESSAGE_BYTES),
    };
    expect(Object.fromEntries(settings)).toMatchObject(expected);
    const plugins = readText('deploy/rabbitmq-plugins').match(/\w+/g);
    expect(plugins).toEqual(['rabbitmq_consistent_hash_exchange', 'rabbitmq_management', ...KEY_LOGIN_PLUGINS]);
    expect(compose.services['gateway']!.ports).not.toContain(expect.stringContaining(String(port)));
  });

  it.each([
    ['192.0.2.7', 'the network of the gateway'],
    ['', 'loopback where there is no such network'],
  ])('has the management API at the address %j: %s', (address) => {
    const { networks, command } = compose.services['rabbitmq']!;
    const [alias] = (networks as Record<string, { aliases?: string[] }>)['management']!.aliases!;
    const programs = join(folder, `programs-${address}`);
    mkdirSync(programs);
    const program = (name: string, text: string): void =>
      writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    program('getent', `[ "$*" = "hosts ${alias}" ] && [ -n "${address}" ] && echo "${address} ${alias}"`);
    program('docker-entrypoint.sh', 'echo "started: $*"');
    const output = execFileSync('sh', [inCheckout('deploy/rabbitmq-start.sh')], {
      env: { PATH: `${programs}:${process.env['PATH']}`, RABBITMQ_CONF_FOLDER: programs },
      encoding: 'utf8',
    });
    expect(command).toEqual(['sh', '/signalbox/rabbitmq-start.sh']);
    expect(output).toBe('started: rabbitmq-server\n');
    expect(readFileSync(join(programs, '30-management.conf'), 'utf8')).toBe(
      `management.tcp.ip = ${address || '127.0.0.1'}\n`,
    );
    expect(compose.services['gateway']!.environment!['SIGNALBOX_BROKER_MANAGEMENT_URL']).toBe(
      `http://${alias}:${/management.tcp.port = (\d+)/.exec(readText('deploy/rabbitmq.conf'))?.[1]}`,
    );
  });

  it.each([...SERVICES, 'dataplane-agent'])('runs %s from the bundle that the build makes', (name) => {
    expect(compose.services[name]!.command).toEqual([...(NODE_OPTIONS[name] ?? []), `apps/${name}/bundle/main.js`]);
    expect(existsSync(inCheckout(`apps/${name}/bundle/main.js`))).toBe(true);
  });

  it('has an image that bundles the services while the bundler is installed, and that keeps what the bundles load', () => {
    const dockerfile = readText('Dockerfile');
    const steps = ['npm ci', 'npm run build', 'npm prune --omit=dev'].map((step) => dockerfile.indexOf(step));
    expect(steps).toEqual(steps.filter((at) => at > 0).toSorted((a, b) => a - b));
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/signalbox\/(\S+)/gm)].map(([, path]) => path!);
    expect(copied).toEqual(expect.arrayContaining(['apps', 'libs', 'node_modules', 'package.json']));
    expect(dockerfile).toContain(`CMD ${JSON.stringify(compose.services['gateway']!.command).replaceAll(',', ', ')}`);
    expect(dockerfile).not.toMatch(/rm .*\b(dist|bundle)\b/);
  });

  it.each(SERVICES)('checks the readiness of %s on its management port', (name) => {
    const { environment, healthcheck } = compose.services[name]!;
    expect(environment!['SIGNALBOX_MANAGEMENT_HOST']).toBe('0.0.0.0');
    expect(healthcheck!.test.at(-1)).toContain(`http://127.0.0.1:${environment!['SIGNALBOX_MANAGEMENT_PORT']}/readyz`);
  });

  it('needs no variable that .env.example does not name', () => {
    const known = [...readText('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name!);
    const used = new Set(variablesOf(readText('docker-compose.yml')));
    expect([...used].filter((name) => !known.includes(name))).toEqual(['SIGNALBOX_DEFINITIONS']);
    expect(known.filter((name) => !used.has(name))).toEqual([]);
  });

  it('gives each container its own secrets, as files, and no other', () => {
    const keys = new Map([
      ['registry', 'secret-keys'],
      ['datasource-sync', 'datasource-keys'],
    ]);
    for (const service of SERVICES) {
      const own = [`${service}-database-url`, `${service}-rabbitmq-url`];
      expect([service, compose.services[service]!.secrets]).toEqual([
        service,
        [...own, keys.get(service) ?? []].flat(),
      ]);
    }
    expect(compose.services['dataplane-agent']!.secrets).toEqual(['dataplanes-rabbitmq-url']);
    expect(compose.services['postgres']!.secrets).toEqual(['postgres-password']);
    expect(compose.services['rabbitmq']!.secrets).toBeUndefined();
    for (const { environment = {}, secrets: own = [] } of Object.values(compose.services)) {
      const named = Object.values(environment).filter((value) => String(value).startsWith('/run/secrets/'));
      for (const path of named) expect(own).toContain(String(path).replace('/run/secrets/', ''));
    }
    const all = Object.fromEntries(readdirSync(secrets).map((name) => [name, { file: join(secrets, name) }]));
    expect(compose.secrets).toEqual(all);
    const text = JSON.stringify(compose);
    for (const name of readdirSync(secrets))
      expect(text).not.toContain(readFileSync(join(secrets, name), 'utf8').trim());
  });

  it('has a secret for each database role and each broker user, all different', () => {
    const expected = [
      ...SERVICES.map((service) => `${service}-database-url`),
      ...AMQP_USERS.map((user) => `${user}-rabbitmq-url`),
      'postgres-password',
      'secret-keys',
      'datasource-keys',
    ];
    expect(readdirSync(secrets).toSorted()).toEqual(expected.toSorted());
    const passwords = expected.map((name) => {
      const content = readFileSync(join(secrets, name), 'utf8').trim();
      return URL.canParse(content) ? new URL(content).password : content;
    });
    expect(new Set(passwords).size).toBe(expected.length);
    expect(passwords.every((password) => /^[\w-]{43}$/.test(password))).toBe(true);
  });

  it('starts the two servers for `npm start` with four variables', () => {
    const { services, secrets: files } = composeFile({
      SIGNALBOX_DEFINITIONS: '/srv/definitions',
      SIGNALBOX_SECRETS: '/srv/secrets',
      RABBITMQ_PORT: '40001',
    });
    expect(services['rabbitmq']!.ports).toEqual(['127.0.0.1:40001:5672']);
    expect(services['rabbitmq']!.volumes).toContain('/srv/definitions:/definitions:ro');
    expect(services['postgres']!.environment).toEqual({ POSTGRES_PASSWORD_FILE: '/run/secrets/postgres-password' });
    expect(files['postgres-password']).toEqual({ file: '/srv/secrets/postgres-password' });
    // An internal network publishes no port.
    expect(parse(readText('deploy/docker-compose.start.yml'))).toEqual({
      services: { postgres: { networks: ['edge', 'database'], ports: ['127.0.0.1:${POSTGRES_PORT:-}:5432'] } },
    });
    expect(readText('docker-compose.yml')).not.toMatch(/\$\{[A-Z_]+:?\?/);
  });

  describe('npm run env', () => {
    const run = (file: string) =>
      execFileSync(process.execPath, [inCheckout('scripts/new-env.mjs'), file], { stdio: 'pipe', encoding: 'utf8' });
    const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

    it('writes settings and secrets that only their owner reaches, and never replaces them', () => {
      const file = join(folder, '.env');
      expect([modeOf(file), modeOf(secrets)]).toEqual(['600', '700']);
      // Users in containers read them. Here only the owner can enter the folder.
      expect(modeOf(join(secrets, 'secret-keys'))).toBe('644');
      const before = [readFileSync(file, 'utf8'), readFileSync(join(secrets, 'secret-keys'), 'utf8')];
      expect(() => run(file)).toThrow(/are there already/);
      expect([readFileSync(file, 'utf8'), readFileSync(join(secrets, 'secret-keys'), 'utf8')]).toEqual(before);
    });

    it('takes the passwords of an earlier release from its settings, and makes those that are new', () => {
      const earlier = join(folder, 'earlier');
      mkdirSync(earlier);
      const text =
        'POSTGRES_PASSWORD=one\nREADER_HEARTBEAT_DATABASE_PASSWORD=two\nSIGNALBOX_SECRET_KEYS=three\nRABBITMQ_PORT=5673\nREADERS_RABBITMQ_PASSWORD=four\n';
      writeFileSync(join(earlier, '.env'), text);
      expect(run(join(earlier, '.env'))).toContain('delete those lines');
      const secret = (name: string): string => readFileSync(join(earlier, '.secrets', name), 'utf8');
      expect(secret('postgres-password')).toBe('one\n');
      expect(secret('reader-heartbeat-database-url')).toBe('postgres://reader_heartbeat:two@postgres:5432/signalbox\n');
      expect(secret('secret-keys')).toBe('three\n');
      expect(secret('readers-rabbitmq-url')).toBe('amqp://readers:four@127.0.0.1:5673/signalbox\n');
      expect(secret('journal-database-url')).toMatch(/^postgres:\/\/journal:[\w-]{43}@postgres:5432\/signalbox\n$/);
      expect(readFileSync(join(earlier, '.env'), 'utf8')).toBe(text);
    });
  });
});
