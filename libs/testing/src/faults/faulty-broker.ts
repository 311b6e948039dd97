import { randomBytes } from 'node:crypto';
import {
  amqpUrl,
  rabbitMqDefinitions,
  startRabbitMq,
  type RabbitMqDefinitions,
  type RabbitMqNode,
} from '@signalbox/local-infra';
import { eventually } from '../eventually.js';
import { QUORUM_COUNT_MS } from '../quorum-count.js';
import { FaultyFolder } from './faulty-folder.js';
import { TcpProxy } from './tcp-proxy.js';

const VHOST = 'faults';
const USER = 'faults';
/** What a node has before the alarm and after it. */
const MEMORY_LIMIT = '1GiB';

/** A private RabbitMQ behind a proxy, on a port that stays the same, that can be stopped, killed, paused, cut and alarmed. */
export class FaultyBroker {
  private constructor(
    private readonly folder: FaultyFolder,
    private readonly credentials: { readonly password: string; readonly definitions: RabbitMqDefinitions },
    private node: RabbitMqNode,
    readonly proxy: TcpProxy,
  ) {}

  /** With one vhost and one user that has all permissions. */
  static async start(): Promise<FaultyBroker> {
    const folder = await FaultyFolder.make('rabbitmq');
    const password = randomBytes(18).toString('base64url');
    const user = { name: USER, password, configure: '.*', write: '.*', read: '.*', tags: ['administrator'] };
    const definitions = rabbitMqDefinitions({ vhost: VHOST, users: [user] });
    const node = await startRabbitMq({
      home: folder.home,
      logFile: folder.logFile,
      definitions,
      management: true,
      quorumCountMs: QUORUM_COUNT_MS,
    });
    return new FaultyBroker(folder, { password, definitions }, node, await TcpProxy.start({ port: node.amqpPort }));
  }

  /** Through the proxy. */
  get url(): string {
    return this.urlAt(this.proxy.port);
  }

  /** Past the proxy, for looking. */
  get directUrl(): string {
    return this.urlAt(this.node.amqpPort);
  }

  async stop(): Promise<void> {
    await this.node.stop();
  }

  /** After a `stop` or `kill`. */
  async start(): Promise<void> {
    const { home, logFile } = this.folder;
    const { definitions } = this.credentials;
    this.node = await startRabbitMq({
      home,
      logFile,
      definitions,
      management: true,
      quorumCountMs: QUORUM_COUNT_MS,
      amqpPort: this.node.amqpPort,
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** SIGKILL of it and its children; resolves when it is gone. */
  async kill(): Promise<void> {
    this.node.kill();
    await this.node.exited;
  }

  /** SIGSTOP to it and its children; resolves when none of them runs. */
  async pause(): Promise<void> {
    await this.node.pause();
  }

  resume(): void {
    this.node.resume();
  }

  /** From now on it blocks every connection that publishes. */
  async raiseMemoryAlarm(): Promise<void> {
    await this.node.control('set_vm_memory_high_watermark', 'absolute', '1');
  }

  async clearMemoryAlarm(): Promise<void> {
    await this.node.control('set_vm_memory_high_watermark', 'absolute', MEMORY_LIMIT);
  }

  async queues(): Promise<string[]> {
    return (await this.list()).map(({ name }) => name);
  }

  /** Messages in the queue now, also those delivered and not acknowledged; undefined when there is no such queue. */
  async messageCount(queue: string): Promise<number | undefined> {
    return eventually(async () => {
      const found = (await this.list()).find(({ name }) => name === queue);
      // A queue that is still being recovered is listed without its count.
      return found && found.messages === undefined ? false : { count: found?.messages };
    }).then(({ count }) => count);
  }

  async deleteQueue(queue: string): Promise<void> {
    await this.manage('DELETE', `/queues/${VHOST}/${encodeURIComponent(queue)}`);
  }

  async deleteExchange(exchange: string): Promise<void> {
    await this.manage('DELETE', `/exchanges/${VHOST}/${encodeURIComponent(exchange)}`);
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.folder.remove();
  }

  private async list(): Promise<{ name: string; messages?: number }[]> {
    const response = await this.manage('GET', `/queues/${VHOST}?disable_stats=true&enable_queue_totals=true`);
    return (await response.json()) as { name: string; messages?: number }[];
  }

  private async manage(method: string, path: string): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${USER}:${this.credentials.password}`).toString('base64')}`;
    const response = await fetch(`http://127.0.0.1:${this.node.managementPort}/api${path}`, {
      method,
      headers: { authorization },
    });
    if (!response.ok && response.status !== 404)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  private urlAt(port: number): string {
    return amqpUrl({ port, user: USER, password: this.credentials.password, vhost: VHOST });
  }
}
