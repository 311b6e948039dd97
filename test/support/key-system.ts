import type { BrokerUser } from '@signalbox/contracts/rights';
import { eventually, type KeyBroker } from '@signalbox/testing';
import { KeyClient } from './key-client.js';
import { System, type SystemInProcess } from './system.js';

export interface BrokerKey {
  readonly id: string;
  readonly key: string;
}

/** Services in the process of the test, each as its own user of a broker at which API keys log in. One at a time for a broker. */
export class KeySystem {
  private readonly clients: KeyClient[] = [];

  private constructor(
    readonly broker: KeyBroker,
    readonly system: SystemInProcess,
  ) {}

  /** @param env of the gateway, besides */
  static async start(broker: KeyBroker, env: Record<string, string> = {}): Promise<KeySystem> {
    const made = new KeySystem(broker, await System.inProcess());
    const { system } = made;
    try {
      await system.startGateway({ ...made.environmentOf('gateway'), ...broker.gatewayEnv, ...env });
      // It refuses writes until it has reached the store of its counters.
      const tier = { requests_per_hour: 1_000, burst_per_second: 100 };
      await eventually(async () => (await system.send('PUT', '/v1/tiers/first', tier)).ok);
      return made;
    } catch (error) {
      await made.close();
      throw error;
    }
  }

  environmentOf(user: BrokerUser): Record<string, string> {
    return { RABBITMQ_URL: this.broker.urlOf(user), BROKER_SENDERS: 'checked', SIGNALBOX_DRAIN_MS: '0' };
  }

  async newKey(body: object): Promise<BrokerKey> {
    const response = await this.system.send('POST', '/v1/keys', { name: 'k', ...body });
    if (response.status !== 201) throw new Error(`POST /v1/keys: ${response.status} ${await response.text()}`);
    return (await response.json()) as BrokerKey;
  }

  async revoke({ id }: BrokerKey): Promise<void> {
    const { status } = await this.system.send('DELETE', `/v1/keys/${id}`);
    if (status !== 204) throw new Error(`DELETE /v1/keys: ${status}`);
  }

  /** Closed with the system. */
  async connect(url: string): Promise<KeyClient> {
    const client = await KeyClient.connect(url);
    this.clients.push(client);
    return client;
  }

  connectKey(key: BrokerKey): Promise<KeyClient> {
    return this.connect(this.broker.urlOfKey(key));
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.system.close();
  }
}
