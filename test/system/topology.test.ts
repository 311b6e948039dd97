import { wholeTopology } from '@signalbox/contracts/messages';
import { declareTopology } from '@signalbox/messaging';
import { callManagement, eventually, managementUrl, testBroker, type TestBroker } from '@signalbox/testing';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkout, ScriptRun } from '../support/script-run.js';

interface ManagedQueue {
  messages?: number;
  consumers?: number;
  arguments: Record<string, unknown>;
}

describe('npm run topology -- --live --management', () => {
  let broker: TestBroker;
  let model: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    broker = await testBroker();
    model = await connect(broker.url);
    channel = await model.createChannel();
    await declareTopology(channel, wholeTopology(['main']));
  });
  afterAll(async () => {
    await model?.close();
    await broker?.remove();
  });

  async function topology(management: string, url = broker.url): Promise<{ code: number | null; output: string }> {
    const env = { PATH: process.env['PATH'], SIGNALBOX_HOME: '/none', RABBITMQ_URL: url };
    const command = [process.execPath, 'scripts/topology.mjs', '--live', '--management', management];
    const run = new ScriptRun(command, { cwd: checkout, env });
    onTestFinished(() => void run.child.kill('SIGKILL'));
    return { code: await run.ended, output: run.output };
  }

  /** The management API counts every few seconds. */
  const isListed = (name: string, isAsWanted: (queue: ManagedQueue) => boolean) =>
    eventually(
      async () => {
        const queue = await callManagement<ManagedQueue>('GET', `/queues/${broker.vhost}/${name}`);
        return queue !== undefined && isAsWanted(queue);
      },
      { timeoutMs: 30_000 },
    );

  it('finds a topology as it is declared, with messages and consumers', async () => {
    channel.sendToQueue('dead-letters.services', Buffer.from('one'), { persistent: true });
    await channel.consume('dataplane-control.status', () => undefined);
    await isListed('dead-letters.services', ({ messages }) => messages === 1);
    await isListed('dataplane-control.status', ({ consumers }) => consumers === 1);
    const { code, output } = await topology(managementUrl());
    expect(output).toMatch(/dead-letters\.services +1 message, 0 consumers/);
    expect(output).toMatch(/dataplane-control\.status +0 messages, 1 consumer\n/);
    expect(output).toMatch(/dataplane\.main\.control +0 messages, 0 consumers/);
    for (const none of ['missing', 'different', 'queues beside them', 'exchanges beside them', 'bindings beside them'])
      expect(output).toContain(`${none} (0)`);
    expect(code).toBe(0);
  });

  it('names what is missing or different, and what is there beside it', async () => {
    await channel.deleteQueue('dataplane.main.operations');
    await channel.deleteQueue('dataplane-control.status');
    await channel.assertQueue('dataplane-control.status', {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-message-ttl': 7 },
    });
    await channel.assertQueue('other');
    await channel.bindQueue('other', 'signalbox.state', 'registry');
    await isListed('other', ({ messages, consumers }) => messages === 0 && consumers === 0);
    const { code, output } = await topology(managementUrl());
    expect(output).toContain('queue dataplane-control.status: x-message-ttl is 7, declared is 5000');
    expect(output).toMatch(/^ {2}queue dataplane\.main\.operations$/m);
    expect(output).toMatch(/^ {2}other +0 messages, 0 consumers; not known to Signalbox$/m);
    expect(output).toMatch(/^ {2}binding signalbox\.state --registry--> other$/m);
    expect(code).toBe(1);
  });

  it('says what is wrong when it is refused, or asked for a virtual host that is not there', async () => {
    const wrong = new URL(managementUrl());
    wrong.password = 'geheim';
    const refused = await topology(wrong.href);
    expect(refused).toEqual({ code: 1, output: expect.stringContaining(`${wrong.origin} refuses the user`) });
    expect(refused.output).not.toContain('geheim');

    const elsewhere = new URL(broker.url);
    elsewhere.pathname = '/missing';
    const unknown = await topology(managementUrl(), elsewhere.href);
    expect(unknown).toEqual({ code: 1, output: expect.stringContaining('knows no virtual host missing') });
  });

  it('takes a user that may only look', async () => {
    const user = `${broker.vhost}-looks`;
    await callManagement('PUT', `/users/${user}`, { password: 'p:/@', tags: 'monitoring' });
    onTestFinished(() => void callManagement('DELETE', `/users/${user}`));
    await callManagement('PUT', `/permissions/${broker.vhost}/${user}`, { configure: '', write: '', read: '' });
    const url = new URL(managementUrl());
    url.username = user;
    url.password = encodeURIComponent('p:/@');
    const { output } = await topology(url.href);
    expect(output).toContain('declared queues that the broker has');
  });

  it('names RABBITMQ_URL where it is none', async () => {
    const { code, output } = await topology(managementUrl(), 'foo');
    expect([code, output.split('\n')[0]]).toEqual([
      1,
      '✗ RABBITMQ_URL: expected a URL that starts with amqp:// or amqps://',
    ]);
  });
});
