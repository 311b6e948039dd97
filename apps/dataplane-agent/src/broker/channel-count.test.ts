import { eventually, MemoryBroker } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { ChannelCount } from './channel-count.js';

const connecting = async () => {
  const broker = new MemoryBroker();
  const channels = new ChannelCount(broker.connect);
  const model = await channels.connect('amqp://memory', {});
  model.on('error', () => undefined);
  return { broker, channels, model };
};

describe('ChannelCount', () => {
  it('counts channels of both kinds while they are open', async () => {
    const { channels, model } = await connecting();
    const plain = await model.createChannel();
    await model.createConfirmChannel();
    expect(channels.count).toBe(2);
    await plain.close();
    expect(channels.count).toBe(1);
  });

  it('counts no channel that the broker has closed', async () => {
    const { channels, model } = await connecting();
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    await expect(channel.consume('none', () => undefined)).rejects.toThrow('NOT_FOUND');
    await eventually(() => channels.count === 0);
    expect(channels.model).toBe(model);
  });

  it('counts no channel of a lost connection', async () => {
    const { broker, channels, model } = await connecting();
    (await model.createChannel()).on('error', () => undefined);
    broker.closeAllConnections();
    await eventually(() => channels.count === 0);
    expect(channels.model).toBeUndefined();
  });
});
