import { execFile } from 'node:child_process';
import { commandsQueue, deadLetterQueues, deadLettersQueue, exchanges } from '@signalbox/contracts/messages';
import { eventually } from '@signalbox/testing';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { checkout } from '../support/script-run.js';
import { System, type SystemInProcess } from '../support/system.js';

interface Outcome {
  code: number;
  output: string;
}

/** Runs the command as an operator does. */
describe('npm run dead-letters', () => {
  let system: SystemInProcess;
  let readers: BeatPublisher;

  const tool = (...args: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], RABBITMQ_URL: system.broker.url };
      execFile(
        process.execPath,
        ['scripts/dead-letters.mjs', ...args],
        { cwd: checkout, env },
        (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
        },
      );
    });
  const deadLetterCount = async () => {
    const counts = await Promise.all(deadLetterQueues.map(({ name }) => system.broker.messageCount(name)));
    return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  };

  beforeAll(async () => {
    system = await System.inProcess();
    await system.startReaderHeartbeat();
    await system.startGateway();
    readers = await BeatPublisher.open(system.broker.url);
  });
  afterAll(async () => {
    await readers?.close();
    await system.close();
  });

  it('reports that there are no dead letters', async () => {
    expect(await tool()).toEqual({ code: 0, output: 'There are no dead letters.\n' });
  });

  it('lists the dead letters, shows one completely, and leaves all in their queue', async () => {
    await readers.send(beat('bad', { seq: -1 }));
    await readers.send(Buffer.from('{"reader_id": \u001b[2J'), { appId: 'a-broken-reader' });
    await eventually(async () => (await deadLetterCount()) === 2);
    for (let round = 0; round < 3; round++) {
      const { code, output } = await tool('list');
      expect(code).toBe(0);
      expect(output).toMatch(/^1 .* bad-heartbeat +reader-heartbeat\.partition\.0 .*bad +seq: /m);
      expect(output).toMatch(/^2 .* not-json +reader-heartbeat\.partition\.0 +a-broken-reader +the body/m);
    }
    const { output } = await tool('show', '1');
    expect(output).toContain('sent to     signalbox.heartbeats with key any.stable.key');
    expect(output).toMatch(/^sender +bad$/m);
    expect(output).toContain('"seq": -1');
    // Control characters of a message do not reach the terminal.
    expect((await tool('show', '2')).output).toContain('{"reader_id": \ufffd[2J');
    await eventually(async () => (await deadLetterCount()) === 2);
  });

  it('has the reader of a refused heartbeat in the log, too', () => {
    const lines = system
      .service('reader-heartbeat')
      .output.split('\n')
      .filter((line) => line.includes('refused'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        msg: 'heartbeats refused',
        refused: 1,
        reader_id: 'bad',
        reason: expect.stringContaining('seq'),
      }),
    ]);
  });

  it('replays a message to its source: an invalid one is dead-lettered again, a valid one is applied', async () => {
    await readers.deadLetter(beat('late-but-right'), {
      queue: 'reader-heartbeat.partition.0',
      user: system.broker.vhost,
      headers: { 'x-source-exchange': 'signalbox.heartbeats', 'x-source-routing-key': 'late' },
    });
    const { code, output } = await tool('replay', '1', '3');
    expect(code).toBe(0);
    expect(output.match(/sent to reader-heartbeat\.partition\.0 again/g)).toHaveLength(2);
    await eventually(async () => (await system.mapOf('late-but-right')) === 'live');
    await eventually(async () => (await deadLetterCount()) === 2);
  });

  it('keeps a message whose queue is not there', async () => {
    await readers.deadLetter(
      { wanted: false },
      {
        queue: 'registry.no-such',
        user: system.broker.vhost,
        headers: { 'x-source-exchange': 'signalbox.calls', 'x-source-routing-key': 'registry' },
      },
    );
    const { code, output } = await tool('replay', '1');
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('not sent, and it stays dead-lettered: there is no queue registry.no-such'),
    ]);
    await eventually(async () => (await deadLetterCount()) === 3);
  });

  it('shows and replays a message that the broker dead-lettered because every process that received it died', async () => {
    const { name, ...options } = commandsQueue('deadly');
    const connection = await connect(system.broker.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertExchange(exchanges.commands.name, exchanges.commands.type);
    await channel.assertQueue(name, options);
    await channel.bindQueue(name, exchanges.commands.name, 'deadly.step');
    // As those of each service are: the bindings name the services.
    await channel.bindQueue(deadLettersQueue.name, exchanges.deadLetters.name, name);
    channel.publish(exchanges.commands.name, 'deadly.step', Buffer.from('{"n":1}'), {
      messageId: 'deadly-1',
      type: 'deadly.step',
      appId: 'a-sender',
      userId: system.broker.vhost,
      headers: { deadline: 1 },
    });
    await channel.waitForConfirms();
    // A returned message counts as a delivery, like one whose consumer ended.
    await eventually(async () => {
      const message = await channel.get(name);
      if (message) channel.nack(message);
      return (await deadLetterCount()) === 4;
    });

    expect((await tool()).output).toMatch(
      /^2 .* \d{4}-\d\d-\d\dT.* delivery-limit +deadly\.commands +test-\w+ +each process that took it ended/m,
    );
    const { code, output } = await tool('replay', 'deadly-1');
    expect([code, output]).toEqual([0, 'deadly-1: sent to deadly.commands again\n']);
    const again = await eventually(() => channel.get(name, { noAck: true }));
    expect(again.content.toString()).toBe('{"n":1}');
    // Without its delivery count and its deadline the message is accepted again.
    expect(again.properties.messageId).toBe('deadly-1');
    expect(Object.keys(again.properties.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(x-death|x-first-death.*|deadline)$/)]),
    );
    await connection.close();
  });

  it('removes a discarded message, and reports an id that is not found', async () => {
    expect(await tool('show', '99')).toEqual({ code: 1, output: '✗ There is no dead letter 99.\n' });
    expect((await tool('explode')).code).toBe(2);
    await tool('discard', 'all');
    await eventually(async () => (await deadLetterCount()) === 0);
  });

  it('reports where it looked for the URL of a broker', async () => {
    const { RABBITMQ_URL: _, ...env } = process.env;
    const withoutConnection = { ...env, SIGNALBOX_HOME: '/no-such-folder' };
    const outcome = await new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        ['scripts/dead-letters.mjs'],
        { cwd: checkout, env: withoutConnection },
        (_error, _stdout, stderr) => resolve(stderr),
      );
    });
    expect(outcome).toContain('/no-such-folder/connection.env does not contain it');
  });

  it('keeps why a heartbeat message was too large, and not its body', async () => {
    await tool('discard', 'all');
    await readers.send(Buffer.alloc(8 * 1_024 * 1_024 + 1, ' '));
    await eventually(async () => (await deadLetterCount()) === 1);
    const letter = await readers.take('dead-letters.heartbeats');
    expect([letter?.headers['x-reason'], letter?.body.length]).toEqual(['too-large', 'null'.length]);
  });
});
