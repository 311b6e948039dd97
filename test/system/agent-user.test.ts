import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlQueue } from '@signalbox/contracts/messages';
import { brokerSetup } from '@signalbox/contracts/rights';
import { callManagement, signalboxBroker, type SignalboxBroker } from '@signalbox/testing';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeyClient } from '../support/key-client.js';
import { checkout } from '../support/script-run.js';

const PAGE = readFileSync(join(checkout, 'docs/security.md'), 'utf8');
const USER = 'agent-main';

/** What follows the user in a command of the page. */
const argumentsOf = (command: string): string[][] =>
  [...PAGE.matchAll(new RegExp(`rabbitmqctl ${command} -p signalbox ${USER} (.+)`, 'g'))].map(([, rest = '']) =>
    rest.split(' ').map((word) => word.replaceAll("'", '')),
  );

let broker: SignalboxBroker;
let name: string;
let agent: KeyClient;
let operator: ChannelModel;

beforeAll(async () => {
  broker = await signalboxBroker(brokerSetup());
  const url = new URL(broker.urlOf('operator'));
  const vhost = decodeURIComponent(url.pathname.slice(1));
  name = `${vhost}.${USER}`;
  await callManagement('PUT', `/users/${name}`, { password: USER, tags: '' });
  for (const [configure, write, read] of argumentsOf('set_permissions'))
    await callManagement('PUT', `/permissions/${vhost}/${name}`, { configure, write, read });
  for (const [exchange, write, read] of argumentsOf('set_topic_permissions'))
    await callManagement('PUT', `/topic-permissions/${vhost}/${name}`, { exchange, write, read });
  operator = await connect(url.href);
  const channel = await operator.createChannel();
  for (const dataplane of ['main', 'other'])
    await channel.assertQueue(controlQueue(dataplane).name, controlQueue(dataplane));
  agent = await KeyClient.connect(Object.assign(url, { username: name, password: USER }).href);
});
afterAll(async () => {
  await agent?.close();
  await operator?.close();
  if (name !== undefined) await callManagement('DELETE', `/users/${name}`);
  await broker?.remove();
});

const publish = (exchange: string, key: string) => (channel: ConfirmChannel) =>
  channel.publish(exchange, key, Buffer.from('{}'));
const consume = (queue: string) => (channel: ConfirmChannel) => channel.consume(queue, () => undefined);

it.each([
  ['report', publish('signalbox.reports', 'dataplane.main')],
  ['publish events', publish('signalbox.reports', 'dataplane.main.events')],
  ['dead-letter a command', publish('signalbox.dead-letters', 'dataplane.main.control')],
  ['consume its commands', consume('dataplane.main.control')],
])('the user that docs/security.md gives to the agent of one dataplane may %s', async (_, work) => {
  expect(await agent.attempt(work)).toBe('done');
});

it.each([
  ['report for another dataplane', publish('signalbox.reports', 'dataplane.other')],
  ['publish events of another dataplane', publish('signalbox.reports', 'dataplane.other.events')],
  ['dead-letter commands of another', publish('signalbox.dead-letters', 'dataplane.other.control')],
  ['consume the commands of another', consume('dataplane.other.control')],
  ['purge the commands of another', (channel: ConfirmChannel) => channel.purgeQueue('dataplane.other.control')],
  ['delete its own queue', (channel: ConfirmChannel) => channel.deleteQueue('dataplane.main.control')],
  ['declare a queue', (channel: ConfirmChannel) => channel.assertQueue('')],
  ['publish a command', publish('signalbox.commands', 'dataplane.main.shutdown')],
  ['publish to the default exchange', publish('', 'dataplane.other.control')],
])('that user may not %s', async (_, work) => {
  expect(await agent.attempt(work)).toMatch('ACCESS_REFUSED');
});
