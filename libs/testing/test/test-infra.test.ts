import { collectLogs, eventually, testBroker, testDatabase } from '@signalbox/testing';
import amqp from 'amqplib';
import pg from 'pg';
import { describe, expect, it } from 'vitest';

describe('testBroker', () => {
  it('gives each caller a vhost of its own and counts what waits there', async () => {
    const [mine, other] = await Promise.all([testBroker(), testBroker()]);
    const connection = await amqp.connect(mine.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('letters', { durable: true });
    for (const text of ['a', 'b', 'c']) channel.sendToQueue('letters', Buffer.from(text));
    await channel.waitForConfirms();

    await eventually(async () => expect(await mine.messageCount('letters')).toBe(3));
    expect(await channel.get('letters')).toBeTruthy(); // delivered but not acknowledged: still counted
    await eventually(async () => expect(await mine.messageCount('letters')).toBe(3));
    expect(await mine.queues()).toEqual(['letters']);
    expect(await other.queues()).toEqual([]);
    expect(await mine.messageCount('nothing')).toBeUndefined();

    await mine.deleteQueue('letters');
    expect(await mine.queues()).toEqual([]);
    await connection.close();
    await Promise.all([mine.remove(), other.remove()]);
  });

  it('closes the connections of its vhost and of no other', async () => {
    const [mine, other] = await Promise.all([testBroker(), testBroker()]);
    const connection = await amqp.connect(mine.url);
    const bystander = await amqp.connect(other.url);
    const closed = new Promise<Error | undefined>((resolve) => {
      connection.on('error', () => {});
      connection.once('close', (error?: Error) => resolve(error));
    });

    expect(await mine.closeAllConnections()).toBe(1);
    expect(String(await closed)).toContain('CONNECTION_FORCED');
    await (await bystander.createChannel()).close();
    await bystander.close();
    await Promise.all([mine.remove(), other.remove()]);
  });
});

describe('testDatabase', () => {
  it('gives each caller an empty database and removes it under open connections', async () => {
    const database = await testDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => {});
    await client.connect();
    await client.query('CREATE TABLE only_here (id int)');
    expect((await client.query<{ wal_level: string }>('SHOW wal_level')).rows[0]?.wal_level).toBe('logical');

    await database.remove();
    await expect(client.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/i);
  });
});

describe('collectLogs', () => {
  it('keeps what a logger writes, redacted as in production', () => {
    const { logger, lines } = collectLogs();
    logger.info({ password: 'secret-1' }, 'hello');
    expect(lines[0]).toMatchObject({ msg: 'hello' });
    expect(JSON.stringify(lines)).not.toContain('secret-1');
  });
});
