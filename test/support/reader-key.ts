import { callManagement } from '@signalbox/testing';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import type { SystemInProcess } from './system.js';

/** What is published besides the body. */
export interface Sending {
  /** The routing key. */
  readonly key: string;
  /** The `user-id`; the broker refuses any but that of the connection. */
  readonly userId?: string;
}

/** A connection of a program that publishes heartbeats with the rights of one user. */
export class BeatSender {
  private constructor(
    readonly user: string,
    private readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
  ) {}

  static async open(url: string): Promise<BeatSender> {
    const connection = await connect(url);
    return new BeatSender(
      decodeURIComponent(new URL(url).username),
      connection,
      await connection.createConfirmChannel(),
    );
  }

  /** Publishes one message, in its own name unless another one is given. */
  async send(body: unknown, { key, userId = this.user }: Sending): Promise<void> {
    await this.publish(body, { key, userId });
  }

  /** The same without a `user-id`. */
  async sendUnsigned(body: unknown, key: string): Promise<void> {
    await this.publish(body, { key });
  }

  private async publish(body: unknown, { key, ...properties }: Sending): Promise<void> {
    const content = Buffer.from(JSON.stringify(body));
    const all = { contentType: 'application/json', type: 'reader.heartbeat', ...properties };
    this.channel.publish('signalbox.heartbeats', key, content, all);
    await this.channel.waitForConfirms();
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** An API key of kind `reader`, with a user of its name that has the rights of the key at the broker. */
export class ReaderKeyUser {
  private constructor(
    readonly id: string,
    readonly url: string,
  ) {}

  /** @param brokerUrl of any user in the virtual host */
  static async make(system: SystemInProcess, readers: string, brokerUrl: string): Promise<ReaderKeyUser> {
    const answer = await system.send('POST', '/v1/keys', { name: readers, kind: 'reader', readers });
    const { id, key } = (await answer.json()) as { id: string; key: string };
    const url = new URL(brokerUrl);
    const vhost = url.pathname.slice(1);
    const pattern = `^${readers.replaceAll('*', '.*')}$`;
    await callManagement('PUT', `/users/${id}`, { password: key, tags: '' });
    await callManagement('PUT', `/permissions/${vhost}/${id}`, {
      configure: '',
      write: '^signalbox[.]heartbeats$',
      read: '',
    });
    await callManagement('PUT', `/topic-permissions/${vhost}/${id}`, {
      exchange: 'signalbox.heartbeats',
      write: pattern,
      read: '',
    });
    url.username = id;
    url.password = key;
    return new ReaderKeyUser(id, url.href);
  }

  async remove(): Promise<void> {
    await callManagement('DELETE', `/users/${this.id}`);
  }
}
