import { eventually, FaultyBroker, FaultyDatabase, RouteEnds } from '@signalbox/testing';
import type { StatusExplanation } from '@signalbox/contracts/http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { Dataplane } from '../support/dataplane.js';
import { Registry } from '../support/registry.js';
import { System, type SystemInProcess } from '../support/system.js';

const services = ['reader-heartbeat', 'dataplane-control', 'datasource-sync', 'registry'] as const;
type ServiceName = (typeof services)[number];

/** A reader is dead after three of its intervals (1 s each) and this. */
const SHORT_LEASE = { SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '0' };

/** What is broken in a running system is named as the cause, and nothing else is. */
describe('GET /v1/status/explain', () => {
  let system: SystemInProcess;
  let broker: FaultyBroker;
  let database: FaultyDatabase;
  let registry: Registry<ReturnType<SystemInProcess['service']>>;

  beforeAll(async () => {
    [system, broker, database] = await Promise.all([System.inProcess(), FaultyBroker.start(), FaultyDatabase.start()]);
    registry = new Registry(system);
    await Promise.all(services.map(start));
    await system.startGateway({ ...servers(), SIGNALBOX_DRAIN_MS: '0', SIGNALBOX_DATAPLANE_TIMEOUT_MS: '3000' });
  }, 120_000);
  beforeEach(() => causesAre([]));
  afterAll(async () => {
    await system.close();
    registry.remove();
    await broker.close();
    await database.close();
  });

  const servers = () => ({ RABBITMQ_URL: broker.url, DATABASE_URL: database.url });
  const start = async (name: ServiceName): Promise<void> => {
    if (name === 'registry') await registry.start({ config: { frozenConfig: false, projects: [] }, env: servers() });
    else await system.start(name, { ...servers(), ...SHORT_LEASE }).ready;
  };
  const explain = async (): Promise<StatusExplanation['data']> =>
    ((await (await system.get('/v1/status/explain')).json()) as StatusExplanation).data;
  const causesAre = (expected: string[]): Promise<StatusExplanation['data']> =>
    eventually(
      async () => {
        const data = await explain();
        const causes = data.causes.map(({ rule }) => rule);
        if (JSON.stringify(causes) !== JSON.stringify(expected)) throw new Error(`the causes are ${causes.join()}`);
        return data;
      },
      { timeoutMs: 30_000 },
    );

  it('finds everything operational while everything works', async () => {
    const { status, components } = await explain();
    expect(status).toBe('operational');
    expect(components.map((one) => [one.component, one.status, one.stale])).toEqual(
      ['messaging', 'storage', 'api', 'readers', 'registry', 'dataplane', 'datasources'].map((name) => [
        name,
        'operational',
        false,
      ]),
    );
  });

  it.each([
    ['reader-heartbeat', 'readers'],
    ['registry', 'registry'],
    ['dataplane-control', 'dataplane'],
    ['datasource-sync', 'datasources'],
  ] as const)('names %s when it is gone', async (service, component) => {
    await system.service(service).stop();
    const { status, causes, components } = await causesAre([`${component}.owner_silent`]);
    expect(status).toBe('degraded');
    expect(causes[0]!.sentence).toContain(`Nothing has been received from ${service}`);
    expect(components.find((one) => one.component === component)).toMatchObject({ status: 'unavailable', stale: true });
    await start(service);
  });

  it('names a dead reader until it deregisters', async () => {
    const readers = await BeatPublisher.open(broker.url);
    await readers.send(beat('gone', { heartbeat_wait_interval: 1 }));
    const { causes } = await causesAre(['readers.dead']);
    expect(causes[0]!.sentence).toBe('1 of 1 readers is dead: gone.');
    await readers.send(beat('gone', { state: 'stopping' }));
    await causesAre([]);
    await readers.close();
  });

  it('names a package that cannot be loaded', async () => {
    registry.makePackage('orders');
    const answers = [
      await system.send('POST', '/api/v0/projects', { name: 'shop' }),
      await system.send('POST', '/api/v0/projects/shop/packages', { name: 'orders', location: './orders' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    registry.makePackage('orders', '{');
    await system.service('registry').stop();
    await start('registry');
    const { causes } = await causesAre(['registry.load_error']);
    expect(causes[0]!.sentence).toContain('package shop/orders');
    await system.send('DELETE', '/api/v0/projects/shop');
  });

  it('names the memory alarm of the broker, and not the services that are silent because of it', async () => {
    await broker.raiseMemoryAlarm();
    const { status, causes, components } = await causesAre(['messaging.blocked']);
    expect(status).toBe('degraded');
    expect(components.find(({ component }) => component === 'messaging')!.status).toBe('degraded');
    const silent = await eventually(async () => {
      const { effects } = (await causesAre(['messaging.blocked'])).causes[0]!;
      return effects.length >= services.length ? effects : undefined;
    });
    expect(silent.map(({ rule }) => rule)).toContain('readers.owner_silent');
    expect(causes[0]!.remedy).toContain('rabbitmqctl');
    await broker.clearMemoryAlarm();
  });

  it('names the broker when it is gone: the whole is critical', async () => {
    await broker.stop();
    const { status } = await causesAre(['messaging.unreachable']);
    expect(status).toBe('critical');
    await broker.start();
  });

  it('names the database when it is gone: the whole is critical', async () => {
    await database.stop();
    const { status } = await causesAre(['storage.unreachable']);
    expect(status).toBe('critical');
    await database.start();
  });

  // The last test: a dataplane that once reported is known from then on.
  it('names a private route that refuses, and then a dataplane that is silent', async () => {
    const ends = await RouteEnds.start();
    const refused = `127.0.0.1:${ends.ports.refused}`;
    const dataplane = new Dataplane(system, { RABBITMQ_URL: broker.url, SIGNALBOX_PRIVATE_ROUTES: refused });
    const { causes } = await causesAre(['dataplane.route_down']);
    expect(causes[0]!.sentence).toContain(`${refused} from main`);
    dataplane.pause();
    await causesAre(['dataplane.silent']);
    dataplane.continue();
    await causesAre(['dataplane.route_down']);
    await dataplane.stop();
    await ends.stop();
    await causesAre(['dataplane.silent']);
  });
});
