import type { ChannelModel } from 'amqplib';

/** Takes a channel for the moment, since the broker closes it where there is no such queue, and needs no permission. @throws the broker's error */
export async function messageCount(model: ChannelModel, queue: string): Promise<number> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  try {
    return (await channel.checkQueue(queue)).messageCount;
  } finally {
    await channel.close().catch(() => undefined);
  }
}
