import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICES } from '@signalbox/local-infra';
import { composeFile, inCheckout, readText, variablesIn, variablesOf, type ComposeFile } from './compose-file.js';

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
]);
const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'];
const SERVERS = ['postgres', 'rabbitmq'];

describe('docker-compose.yml', () => {
  let folder: string;
  let settings: Record<string, string>;
  let compose: ComposeFile;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-compose-'));
    execFileSync(process.execPath, [inCheckout('scripts/new-env.mjs'), join(folder, '.env')]);
    settings = variablesIn(readFileSync(join(folder, '.env'), 'utf8'));
    compose = composeFile(settings);
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
    ).toEqual(['name', 'services', 'volumes']);
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

  it.each([...SERVICES, 'setup'])('runs %s read-only, as node, without capabilities', (name) => {
    expect(compose.services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(readText('Dockerfile')).toMatch(/^USER node$/m);
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
    const ignored = readText('.dockerignore').split('\n');
    expect(copied.filter((path) => ignored.includes(path.split('/')[0]!))).toEqual([]);
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

  it('gives each service its own passwords and no other', () => {
    const passwords = Object.entries(settings).filter(([name]) => name.endsWith('_PASSWORD'));
    for (const service of SERVICES) {
      const text = JSON.stringify(compose.services[service]);
      const own = `${service.replaceAll('-', '_').toUpperCase()}_`;
      expect(passwords.filter(([, value]) => text.includes(value)).map(([name]) => name)).toEqual([
        `${own}DATABASE_PASSWORD`,
        `${own}RABBITMQ_PASSWORD`,
      ]);
    }
  });

  it('starts the two servers for `npm start` with four variables', () => {
    const { services } = composeFile({
      SIGNALBOX_DEFINITIONS: '/srv/definitions',
      POSTGRES_PASSWORD: 'secret',
      RABBITMQ_PORT: '40001',
      POSTGRES_PORT: '40002',
    });
    expect(services['rabbitmq']!.ports).toEqual(['127.0.0.1:40001:5672']);
    expect(services['rabbitmq']!.volumes).toContain('/srv/definitions:/definitions:ro');
    expect(services['postgres']!.ports).toEqual(['127.0.0.1:40002:5432']);
    expect(services['postgres']!.environment).toEqual({ POSTGRES_PASSWORD: 'secret' });
    expect(readText('docker-compose.yml')).not.toMatch(/\$\{[A-Z_]+:?\?/);
  });

  it('is configured by a file of mode 0600, which is never overwritten', () => {
    const file = join(folder, '.env');
    const before = readFileSync(file, 'utf8');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => execFileSync(process.execPath, [inCheckout('scripts/new-env.mjs'), file], { stdio: 'pipe' })).toThrow(
      /is there already/,
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
