import { randomBytes } from 'node:crypto';
import { rabbitMqDefinitions, startRabbitMqCluster, type RabbitMqCluster } from '@signalbox/local-infra';
import { FaultyFolder } from './faulty-folder.js';

const VHOST = 'faults';
const USER = 'faults';

/** Three private RabbitMQ nodes that form one broker, each of which can be killed and started again on its port. */
export class FaultyCluster {
  private constructor(
    private readonly folder: FaultyFolder,
    private readonly password: string,
    private readonly cluster: RabbitMqCluster,
  ) {}

  /** With one vhost and one user that has all permissions. */
  static async start(): Promise<FaultyCluster> {
    const folder = await FaultyFolder.make('cluster');
    const password = randomBytes(18).toString('base64url');
    const definitions = rabbitMqDefinitions({
      vhost: VHOST,
      users: [{ name: USER, password, configure: '.*', write: '.*', read: '.*' }],
    });
    try {
      return new FaultyCluster(folder, password, await startRabbitMqCluster({ home: folder.home, definitions }));
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  /** Of all nodes, for programs that take several hosts. */
  get url(): string {
    return this.urlOf(this.cluster.hosts.join(','));
  }

  /** Of one node. */
  nodeUrl(index: number): string {
    return this.urlOf(this.cluster.hosts[index]!);
  }

  /** SIGKILL of a node and its children; resolves when it is gone. */
  kill(index: number): Promise<void> {
    return this.cluster.kill(index);
  }

  /** After a `kill`; resolves when it takes clients. */
  start(index: number): Promise<void> {
    return this.cluster.start(index);
  }

  /** Runs `rabbitmqctl` against a node, which takes seconds of CPU. */
  control(index: number, ...args: string[]): Promise<string> {
    return this.cluster.node(index).control(...args);
  }

  async close(): Promise<void> {
    await this.folder.remove();
  }

  private urlOf(hosts: string): string {
    return `amqp://${USER}:${this.password}@${hosts}/${VHOST}`;
  }
}
