import { eventually } from '@signalbox/testing';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import { ServiceInProcess } from '../support/service-in-process.js';
import { beat, BeatPublisher } from '../support/beating.js';
import type { Sender } from './call.js';
import { PACKAGES } from './objects.js';

/** Every service in this process, with a dataplane that a supervisor restarts. */
export class FuzzedSystem {
  private agent: ServiceInProcess | undefined;
  private isClosing = false;

  private constructor(
    readonly registry: RegistryInProcess,
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
      system.start('datasource-sync', { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' }).ready,
    ]);
    const first = (await (await system.get('/v1/keys')).json()) as { data: { id: string }[] };
    const roles = await Promise.all((['admin', 'manager', 'member'] as const).map((role) => newKey(registry, role)));
    const [admin, manager, member] = roles as [Key, Key, Key];
    const spared = new Set(['operators', ...[...first.data, ...roles].map(({ id }) => id)]);
    // A reader that is live to the end.
    const beats = await BeatPublisher.open(system.broker.url);
    await beats.send(beat('reader', { heartbeat_wait_interval: 3_600 }));
    await beats.close();
    const made = new FuzzedSystem(registry, { admin: admin.key, manager: manager.key, member: member.key }, spared);
    void made.superviseAgent();
    await made.untilReady();
    return made;
  }

  /** What a service has logged as an error: no call may cause that. */
  get errors(): string[] {
    const services = ['gateway', 'registry', 'reader-heartbeat', 'dataplane-control', 'datasource-sync'];
    return services
      .flatMap((name) => this.registry.system.service(name).output.split('\n'))
      .filter((line) => /"level":"(error|fatal)"/.test(line));
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.agent?.stop();
    await this.registry.close();
  }

  private async superviseAgent(): Promise<void> {
    while (!this.isClosing) {
      this.agent = new ServiceInProcess('dataplane-agent', {
        RABBITMQ_URL: this.registry.system.broker.url,
        SIGNALBOX_MANAGEMENT_PORT: '0',
        SIGNALBOX_REPORT_INTERVAL_MS: '500',
        SIGNALBOX_AGENT_FILES: this.registry.folder,
        SIGNALBOX_DRAIN_MS: '0',
      });
      await this.agent.ended;
    }
  }

  private async untilReady(): Promise<void> {
    const { system } = this.registry;
    const is200 = async (path: string): Promise<boolean> => (await system.get(path)).status === 200;
    await this.registry.serving();
    for (const path of ['/v1/dataplanes/main', '/v1/datasources', '/healthz', '/status'])
      await eventually(() => is200(path));
    const knows = async (): Promise<boolean> => {
      const shown = (await (await system.get('/v1/dataplanes/main')).json()) as { first_seen_at: number | null };
      return shown.first_seen_at !== null;
    };
    await eventually(knows);
  }
}

interface Key {
  readonly id: string;
  readonly key: string;
}

async function newKey({ system }: RegistryInProcess, role: string): Promise<Key> {
  const response = await system.send('POST', '/v1/keys', { name: role, role, account: 'operators' });
  return (await response.json()) as Key;
}
