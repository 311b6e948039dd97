import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ChannelModel } from 'amqplib';
import { eventually } from '@signalbox/testing';
import { expect, it } from 'vitest';
import { BrokerConnection } from './broker-connection.js';

/** A connection of amqplib as this class uses it. One that is closed has emitted that already. */
const model = (isClosed: boolean): ChannelModel =>
  Object.assign(new EventEmitter(), {
    connection: { stream: new PassThrough() },
    close: () => (isClosed ? Promise.reject(new Error('Connection closed')) : Promise.resolve()),
  }) as unknown as ChannelModel;

it('connects again where a connection was closed in the same read as it was opened', async () => {
  const models = [model(true), model(false)];
  const failures: unknown[] = [];
  const connection = new BrokerConnection({
    nextUrl: () => 'amqp://u:p@unused:1/v',
    connect: () => Promise.resolve(models.shift()!),
    name: 'test',
    reconnect: { minMs: 1, maxMs: 2 },
    setup: () => (models.length === 1 ? Promise.reject(new Error('Connection closed')) : Promise.resolve()),
    onChange: () => undefined,
    onFailure: (error, host) => failures.push(`${host} ${String(error)}`),
  });
  connection.open();
  await eventually(() => connection.up);
  expect(failures).toEqual(['unused:1 Error: Connection closed']);
  await connection.close();
});
