import { EventEmitter } from 'node:events';
import type { MemoryBroker } from './memory-broker.js';
import { MemoryChannel } from './memory-channel.js';

/** amqplib's `ChannelModel` on a broker in memory. */
export class MemoryConnection extends EventEmitter {
  private readonly channels = new Set<MemoryChannel>();
  private open = true;

  /** What our code reaches through to, to give up on a peer that went silent. */
  readonly connection = { stream: { destroy: (error?: Error) => this.end(error) } };

  constructor(
    private readonly broker: MemoryBroker,
    private readonly onClosed: () => void,
  ) {
    super();
  }

  async createChannel(): Promise<MemoryChannel> {
    if (!this.open) throw Object.assign(new Error('Connection closed'), { name: 'IllegalOperationError' });
    const channel = new MemoryChannel({
      broker: this.broker,
      connection: this,
      onClosed: () => this.channels.delete(channel),
    });
    this.channels.add(channel);
    await this.broker.later(() => undefined);
    return channel;
  }

  createConfirmChannel(): Promise<MemoryChannel> {
    return this.createChannel();
  }

  async close(): Promise<void> {
    await this.broker.later(() => this.end());
  }

  /** The broker ends it. */
  force(): void {
    this.broker.enqueue(() =>
      this.end(
        new Error(
          'Connection closed: 320 (CONNECTION-FORCED) with message "CONNECTION_FORCED - closed by an operator"',
        ),
      ),
    );
  }

  private end(error?: Error): void {
    if (!this.open) return;
    this.open = false;
    this.onClosed();
    for (const channel of this.channels) channel.end();
    this.broker.removeQueuesOf(this);
    this.emit('close', error);
  }
}
