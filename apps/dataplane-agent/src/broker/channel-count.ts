import type { Connect } from '@signalbox/messaging';
import type { Channel, ChannelModel } from 'amqplib';

/** Counts the open AMQP channels of this process, by wrapping what opens them. */
export class ChannelCount {
  private readonly open = new Set<Channel>();
  private latest: ChannelModel | undefined;

  /** `through` makes the connections. */
  constructor(private readonly through: Connect) {}

  /** Takes the place of amqplib's `connect`. */
  readonly connect: Connect = async (url, options) => {
    const model = await this.through(url, options);
    const createChannel = model.createChannel.bind(model);
    const createConfirmChannel = model.createConfirmChannel.bind(model);
    model.createChannel = async (...args) => this.watch(model, await createChannel(...args));
    model.createConfirmChannel = async (...args) => this.watch(model, await createConfirmChannel(...args));
    this.latest = model;
    model.once('close', () => {
      if (this.latest === model) this.latest = undefined;
    });
    return model;
  };

  /** The latest connection, while it is open. */
  get model(): ChannelModel | undefined {
    return this.latest;
  }

  get count(): number {
    return this.open.size;
  }

  private watch<C extends Channel>(model: ChannelModel, channel: C): C {
    const closed = (): void => {
      this.open.delete(channel);
      model.off('close', closed);
    };
    this.open.add(channel);
    channel.once('close', closed);
    // The channels of a lost connection are lost with it.
    model.once('close', closed);
    return channel;
  }
}
