import { deadLettersTopology, earlierBindings, earlierQueues, exchanges } from '@signalbox/contracts/messages';
import { declareTopology } from '@signalbox/messaging';
import { eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { checkout, ScriptRun } from '../support/script-run.js';

let broker: TestBroker;
let model: ChannelModel;
let channel: Channel;

beforeEach(async () => {
  broker = await testBroker();
  model = await connect(broker.url);
  channel = await model.createChannel();
  await declareTopology(channel, deadLettersTopology);
  // As the release before declared them.
  for (const name of [...earlierQueues.disposable, ...earlierQueues.deadLetters.map((each) => each.name)])
    await channel.assertQueue(name, { durable: true, arguments: { 'x-max-length': 10_000 } });
  for (const { queue, exchange, key } of earlierBindings()) await channel.bindQueue(queue, exchange, key);
});
afterEach(async () => {
  await model?.close();
  await broker?.remove();
});

async function script(name: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const env = { PATH: process.env['PATH'], SIGNALBOX_HOME: '/none', RABBITMQ_URL: broker.url };
  const run = new ScriptRun([process.execPath, `scripts/${name}.mjs`, ...args], { cwd: checkout, env });
  onTestFinished(() => void run.child.kill('SIGKILL'));
  return { code: await run.ended, output: run.output };
}
const removeEarlier = () => script('topology', '--remove-earlier');
const earlierLeft = async (): Promise<string[]> =>
  (await broker.queues()).filter((name) =>
    [...earlierQueues.disposable, ...earlierQueues.deadLetters.map((each) => each.name)].includes(name),
  );
const deadLetter = async (id: string): Promise<void> => {
  const confirming = await model.createConfirmChannel();
  confirming.publish(exchanges.deadLetters.name, 'registry.commands', Buffer.from('{}'), {
    messageId: id,
    persistent: true,
  });
  await confirming.waitForConfirms();
  await confirming.close();
};

it('removes the queues of an earlier release, except dead letters that wait', async () => {
  await deadLetter('before');
  channel.sendToQueue('registry.requests', Buffer.from('{}'));
  const { code, output } = await removeEarlier();
  expect(output).toContain('dead-letters: gets no more dead letters. 1 wait in it');
  expect(code).toBe(0);
  expect(await earlierLeft()).toEqual(['dead-letters']);

  await deadLetter('after');
  expect(await broker.messageCount('dead-letters')).toBe(1);
  const listed = await script('dead-letters');
  expect(listed.output).toContain('before');
  expect(listed.output).toContain('after');
  await script('dead-letters', 'discard', 'before');
  // The letters that both queues got were looked at twice, and are still there.
  await eventually(async () => (await channel.checkQueue('dead-letters.services')).messageCount === 2);
  expect(await earlierLeft()).toEqual([]);
  expect((await removeEarlier()).output).toBe('No queue of an earlier release is left.\n');
});

it('leaves a queue that a service of the earlier release consumes', async () => {
  await channel.consume('journal.requests', () => undefined);
  const { code, output } = await removeEarlier();
  expect(output).toContain('journal.requests: not deleted, a service of an earlier release consumes it\n');
  expect([code, await earlierLeft()]).toEqual([0, ['journal.requests']]);
});
