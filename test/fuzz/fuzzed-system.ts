import { eventually } from '@signalbox/testing';
import { beat, BeatPublisher } from '../support/beating.js';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import { SupervisedAgent } from '../support/supervised-agent.js';
import type { Sender } from './call.js';
import { PACKAGES } from './objects.js';

interface Key {
  readonly id: string;
  readonly key: string;
}

/** Every service in this process, with a reader and a dataplane. */
export class FuzzedSystem {
  private constructor(
    readonly registry: RegistryInProcess,
    private readonly agent: SupervisedAgent,
    /** The key that each sender uses. */
    readonly keys: Readonly<Record<Exclude<Sender, 'none'>, string>>,
    /** What no call may use, or no further call could be made. */
    readonly spared: ReadonlySet<string>,
  ) {}

  static async start(): Promise<FuzzedSystem> {
    const registry = await Registry.withGatewayInProcess();
    const { system } = registry;
    for (const name of PACKAGES) registry.makePackage(name);
    await Promise.all([
      registry.start({ config: { projects: [] } }),
      system.startReaderHeartbeat(),
      system.start('dataplane-control').ready,
      system.start('journal').ready,
      system.start('datasource-sync', { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' }).ready,
    ]);
    // A reader that is live to the end.
    const beats = await BeatPublisher.open(system.broker.url);
    await beats.send(beat('reader', { heartbeat_wait_interval: 3_600 }));
    await beats.close();
    const agent = await SupervisedAgent.start(system, registry.folder);
    await registry.serving();
    for (const path of ['/v1/datasources', '/healthz', '/status'])
      await eventually(async () => (await system.get(path)).status === 200);

    const first = (await (await system.get('/v1/keys')).json()) as { data: Key[] };
    const newKey = async (role: string): Promise<Key> =>
      (await (await system.send('POST', '/v1/keys', { name: role, role, account: 'operators' })).json()) as Key;
    const [admin, manager, member] = [await newKey('admin'), await newKey('manager'), await newKey('member')];
    const keys = { admin: admin.key, manager: manager.key, member: member.key };
    const spared = new Set(['operators', ...[...first.data, admin, manager, member].map(({ id }) => id)]);
    return new FuzzedSystem(registry, agent, keys, spared);
  }

  /** What a service has logged as an error: no call may cause that. */
  get errors(): string[] {
    const services = ['gateway', 'registry', 'reader-heartbeat', 'dataplane-control', 'datasource-sync', 'journal'];
    return services
      .flatMap((name) => this.registry.system.service(name).output.split('\n'))
      .filter((line) => /"level":"(error|fatal)"/.test(line));
  }

  async close(): Promise<void> {
    await this.agent.stop();
    await this.registry.close();
  }
}
