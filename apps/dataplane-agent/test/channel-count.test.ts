import { eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { connect, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChannelCount } from '../src/broker/channel-count.js';

describe('ChannelCount', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await testBroker();
  });
  const opened: ChannelModel[] = [];
  afterAll(async () => {
    await Promise.allSettled(opened.map((model) => model.close()));
    await broker.remove();
  });

  const connecting = async () => {
    const channels = new ChannelCount(connect);
    const model = await channels.connect(broker.url, {});
    model.on('error', () => undefined);
    opened.push(model);
    return { channels, model };
  };

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
    const { channels, model } = await connecting();
    (await model.createChannel()).on('error', () => undefined);
    await broker.closeAllConnections();
    await eventually(() => channels.count === 0);
    expect(channels.model).toBeUndefined();
  });
});
