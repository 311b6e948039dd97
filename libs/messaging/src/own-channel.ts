import type { Channel, ChannelModel } from 'amqplib';

/** Works on a channel for the moment: the broker closes the one on which it refuses something. @throws the broker's error */
export async function onOwnChannel<Result>(
  model: ChannelModel,
  work: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    // Not awaited: a broker that is still busy with the work does not answer. It fails where the channel is closed already.
    void channel.close().catch(() => undefined);
  }
}
