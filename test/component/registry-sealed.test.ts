import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { exchanges, registryRequestTypes as types } from '@signalbox/contracts/messages';
import { eventually } from '@signalbox/testing';
import { connect, type Channel, type ConsumeMessage } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

const PASSWORD = 'CANARY-stored';
const STARTED_WITHIN_MS = 60_000;

/** Asks each client for its password in clear, as a Postgres server may, and keeps what it is sent. */
class AskingServer {
  received = '';
  private readonly server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
      socket.once('data', (answer) => {
        this.received += answer.toString('latin1');
        socket.destroy();
      });
    });
  });

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }
}

describe('the registry', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  let channel: Channel;
  const servers: AskingServer[] = [];
  /** Requests to the registry that were captured on their way. */
  const captured: ConsumeMessage[] = [];

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    await registry.start({
      config: { projects: [{ name: 'shop' }, { name: 'other' }] },
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
    });
    await registry.serving();
    channel = await (await connect(system.broker.url)).createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchanges.requests.name, 'registry');
    await channel.consume(queue, (message) => message && captured.push(message), { noAck: true });
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await registry.close();
  });

  const send = async (method: string, path: string, body?: unknown): Promise<[number, unknown]> => {
    const response = await system.send(method, `/api/v0${path}`, body);
    return [response.status, await response.json()];
  };
  const asking = async (): Promise<[AskingServer, number]> => {
    const server = new AskingServer();
    servers.push(server);
    return [server, await server.listen()];
  };
  const postgres = (settings: object): object => ({ type: 'postgres', postgresConnection: settings });
  const capturedOf = (type: string): Promise<ConsumeMessage> =>
    eventually(() => Promise.resolve(captured.find(({ properties }) => properties.type === type)));

  /** Sends a request of its own with what was captured, and returns the answer. */
  const forged = async (
    { content, properties }: ConsumeMessage,
    changes: { readonly type?: string; readonly messageId?: string; readonly body?: object },
  ): Promise<{ type: string; body: { code?: string; message?: string } }> => {
    const { type = properties.type as string, messageId = properties.messageId as string, body = {} } = changes;
    const correlationId = randomUUID();
    const answered = new Promise<ConsumeMessage>((resolve) => {
      void channel
        .consume('amq.rabbitmq.reply-to', (message) => message && resolve(message), { noAck: true })
        .then(() =>
          channel.publish(
            exchanges.requests.name,
            'registry',
            Buffer.from(JSON.stringify({ ...(JSON.parse(content.toString()) as object), ...body })),
            {
              ...properties,
              type,
              messageId,
              correlationId,
              headers: {},
              expiration: undefined,
              replyTo: 'amq.rabbitmq.reply-to',
            },
          ),
        );
    });
    const answer = await answered;
    await channel.cancel(answer.fields.consumerTag);
    return { type: answer.properties.type as string, body: JSON.parse(answer.content.toString()) as { code?: string } };
  };

  it('opens a captured body in no other request', async () => {
    expect((await send('POST', '/projects/shop/connections/pg', postgres({ host: 'db', password: PASSWORD })))[0]).toBe(
      201,
    );
    const message = await capturedOf(types.createConnection);
    const refused = { type: 'error', body: expect.objectContaining({ code: 'unavailable' }) as unknown };
    const elsewhere = { project: 'other', name: 'taken' };
    expect(await forged(message, { messageId: randomUUID(), body: elsewhere })).toEqual(refused);
    expect(await forged(message, { messageId: randomUUID(), body: { name: 'taken' } })).toEqual(refused);
    // The same request again is answered as before, and does nothing: a sender repeats a request whose answer was lost.
    expect(await forged(message, {})).toMatchObject({ type: 'reply', body: { connection: { name: 'pg' } } });
    const [, shop] = await send('GET', '/projects/shop/connections');
    expect(shop).toMatchObject([{ name: 'pg' }]);
    expect(await send('GET', '/projects/other/connections')).toEqual([200, []]);
  });

  it(
    'does not send a stored password to another server',
    async () => {
      const [first, port] = await asking();
      const [second, otherPort] = await asking();
      const settings = { host: '127.0.0.1', port, userName: 'u', password: PASSWORD };
      const path = '/projects/shop/connections/moved';
      expect((await send('POST', path, postgres(settings)))[0]).toBe(201);
      await send('POST', `${path}/test`);
      expect(first.received).toContain(PASSWORD);
      const [status] = await send('PATCH', path, postgres({ port: otherPort }));
      expect(status).toBe(200);
      await send('POST', `${path}/test`);
      expect(second.received).not.toContain(PASSWORD);
    },
    STARTED_WITHIN_MS,
  );
});
