import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { deadLettersTopology, exchanges, registryRequestTypes as types } from '@signalbox/contracts/messages';
import { Amqp, type RequestError } from '@signalbox/messaging';
import { createLogger, envVaultKeys, Vault } from '@signalbox/platform';
import { eventually } from '@signalbox/testing';
import { connect, type ConsumeMessage } from 'amqplib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

const PASSWORD = 'CANARY-stored';
const UPDATED = [200, { message: 'Connection moved was updated.' }];
const LOOPBACK = { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' };

/** Asks each client for its password in clear, as a Postgres server may, and keeps what it is sent. */
class AskingServer {
  clients = 0;
  received = '';
  private readonly server: Server = createServer((socket) => {
    this.clients += 1;
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
  let amqp: Amqp;
  const servers: AskingServer[] = [];
  /** Requests to the registry that were captured on their way. */
  const captured: ConsumeMessage[] = [];

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    await registry.start({
      config: { projects: [{ name: 'shop' }, { name: 'other' }] },
      env: LOOPBACK,
    });
    await registry.serving();
    const channel = await (await connect(system.broker.url)).createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchanges.requests.name, 'registry');
    await channel.consume(queue, (message) => message && captured.push(message), { noAck: true });
    const logger = createLogger({ name: 'forger', level: 'silent' });
    amqp = new Amqp({
      url: system.broker.url,
      name: 'forger',
      logger,
      topology: deadLettersTopology,
      deadLetters: { exchange: exchanges.deadLetters.name },
    });
    await amqp.open();
  });
  afterAll(async () => {
    await amqp.close();
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

  const query = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    try {
      return (await client.query(sql, values)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  /** What the audit trail gets: nothing keeps it in this test. */
  const recorded = async (resource: string, action: string): Promise<unknown[]> => {
    const rows = await query<{ detail: unknown }>(
      `SELECT changes->'detail' AS detail FROM registry.outbox
       WHERE stream = 'audit' AND changes->>'action' = $1 AND changes->>'resource' LIKE '%' || $2 ORDER BY seq`,
      [action, resource],
    );
    return rows.map(({ detail }) => detail);
  };
  const publicKey = async (): Promise<string> =>
    (await query<{ public_key: string }>('SELECT public_key FROM registry.service'))[0]!.public_key;
  const restart = async (env: Record<string, string> = {}): Promise<void> => {
    await system.service('registry').stop();
    await registry.start({ env: { ...LOOPBACK, ...env } });
    await registry.serving();
  };

  /** Sends a request with the body that was captured, and returns the answer, or the code of the refusal. */
  const forged = (
    { content, properties }: ConsumeMessage,
    {
      messageId = properties.messageId as string,
      ...changes
    }: { readonly messageId?: string; readonly project?: string; readonly name?: string },
  ): Promise<unknown> =>
    amqp
      .request({
        exchange: exchanges.requests.name,
        routingKey: 'registry',
        type: properties.type as string,
        messageId,
        body: { ...(JSON.parse(content.toString()) as object), ...changes },
        schema: z.unknown(),
        timeoutMs: 20_000,
      })
      .catch((error: unknown) => (error as RequestError).remoteCode ?? error);

  it('opens a captured body in no other request', async () => {
    expect((await send('POST', '/projects/shop/connections/pg', postgres({ host: 'db', password: PASSWORD })))[0]).toBe(
      201,
    );
    const message = await capturedOf(types.createConnection);
    const elsewhere = { project: 'other', name: 'taken' };
    expect(await forged(message, { messageId: randomUUID(), ...elsewhere })).toBe('unavailable');
    expect(await forged(message, { messageId: randomUUID(), name: 'taken' })).toBe('unavailable');
    // The same request again is answered as before, and does nothing: a sender repeats a request whose answer was lost.
    expect(await forged(message, {})).toMatchObject({ connection: { name: 'pg' } });
    const [, shop] = await send('GET', '/projects/shop/connections');
    expect(shop).toMatchObject([{ name: 'pg' }]);
    expect(await send('GET', '/projects/other/connections')).toEqual([200, []]);
  });

  it('uses the credentials of a captured test once', async () => {
    const [server, port] = await asking();
    const connection = postgres({ host: '127.0.0.1', port, userName: 'u', password: PASSWORD });
    const [, answer] = await send('POST', '/connections/test', connection);
    expect(server.clients).toBe(1);
    const message = await capturedOf(types.testConnection);
    expect(await forged(message, {})).toEqual(answer);
    expect(await forged(message, { messageId: randomUUID() })).toBe('unavailable');
    expect(server.clients).toBe(1);
  });

  it('does not send a stored password to another server, and says so where it was dropped', async () => {
    const [first, port] = await asking();
    const [second, otherPort] = await asking();
    const settings = { host: '127.0.0.1', port, userName: 'u', password: PASSWORD };
    const path = '/projects/shop/connections/moved';
    expect((await send('POST', path, postgres(settings)))[0]).toBe(201);
    await send('POST', `${path}/test`);
    expect(first.received).toContain(PASSWORD);
    const response = await system.send('PATCH', `/api/v0${path}`, postgres({ port: otherPort }));
    expect([response.status, response.headers.get('signalbox-credentials-dropped')]).toEqual([200, 'moved']);
    const { message } = (await response.json()) as { message: string };
    expect(message).toMatch(/^Connection moved was updated\. .*dropped \(postgresConnection\.password\): send it/);
    await send('POST', `${path}/test`);
    expect(second.clients).toBe(1);
    expect(second.received).not.toContain(PASSWORD);
    // Given again, it is used for the server that it has now, and stays as long as that does.
    expect(await send('PATCH', path, postgres({ password: 'CANARY-new' }))).toEqual(UPDATED);
    expect(await send('PATCH', path, postgres({ databaseName: 'd' }))).toEqual(UPDATED);
    await send('POST', `${path}/test`);
    expect(second.received).toContain('CANARY-new');
    expect(await recorded('moved', 'patch-connection')).toEqual([
      { credentials_dropped: ['moved: postgresConnection.password'] },
      {},
      {},
    ]);
  });

  it.each(['PATCH', 'POST'])('drops it where the body of a project has another server, by %s', async (method) => {
    const [server, port] = await asking();
    const name = `in-${method}`;
    const mine = { name, type: 'postgres', postgresConnection: { host: 'db', port, password: PASSWORD } };
    const path = method === 'POST' ? '/api/v0/projects' : '/api/v0/projects/other';
    const put = (connection: object): Promise<Response> =>
      system.send(method, path, { name: 'other', connections: [connection] });
    expect((await put(mine)).headers.get('signalbox-credentials-dropped')).toBeNull();
    const moved = await put({ ...mine, postgresConnection: { host: '127.0.0.1' } });
    expect([moved.status, moved.headers.get('signalbox-credentials-dropped')]).toEqual([200, name]);
    await send('POST', `/projects/other/connections/${name}/test`);
    expect(server.clients).toBe(1);
    expect(server.received).not.toContain(PASSWORD);
  });

  it('refuses another account without the credentials that it needs, and changes nothing', async () => {
    const path = '/projects/shop/connections/flake';
    const settings = { account: 'a', username: 'u', warehouse: 'w', password: PASSWORD };
    await send('POST', path, { type: 'snowflake', snowflakeConnection: settings });
    const [status, { message }] = (await send('PATCH', path, { snowflakeConnection: { account: 'evil' } })) as [
      number,
      { message: string },
    ];
    expect([status, message]).toEqual([
      422,
      expect.stringContaining('(snowflakeConnection.password): send it with this'),
    ]);
    expect((await send('GET', path))[1]).toMatchObject({ snowflakeConnection: { account: 'a' } });
  });

  it('opens stored credentials for no other target, also where the row was changed', async () => {
    const [server, port] = await asking();
    const path = '/projects/shop/connections/row';
    await send('POST', path, postgres({ host: 'db', port, userName: 'u', password: PASSWORD }));
    const changed = { postgresConnection: { host: '127.0.0.1', port, userName: 'u' } };
    await query("UPDATE registry.connection SET config = $1 WHERE name = 'row'", [JSON.stringify(changed)]);
    expect(await send('POST', `${path}/test`)).toEqual([
      200,
      { status: 'failed', errorMessage: expect.stringContaining('cannot be opened') as unknown },
    ]);
    expect(server.clients).toBe(0);
  });

  it('takes over what an earlier release stored for any target, and records that its key was replaced', async () => {
    const [server, port] = await asking();
    const path = '/projects/shop/connections/earlier';
    await send('POST', path, postgres({ host: '127.0.0.1', port, userName: 'u', password: PASSWORD }));
    const [key] = envVaultKeys().parse(registry.keys);
    const earlier = new Vault([key!]).seal(
      JSON.stringify({ 'postgresConnection.password': PASSWORD }),
      'connection shop/earlier',
    );
    const sealed = async (): Promise<string> =>
      (await query<{ sealed: string }>("SELECT sealed FROM registry.connection WHERE name = 'earlier'"))[0]!.sealed;
    await query("UPDATE registry.connection SET sealed = $1 WHERE name = 'earlier'", [earlier]);
    // Only the start takes it over.
    expect((await send('POST', `${path}/test`))[1]).toMatchObject({ status: 'failed' });
    expect(server.clients).toBe(0);
    await restart();
    expect(await sealed()).not.toBe(earlier);
    expect(system.service('registry').output).toMatch(/sealed again for the targets/);
    await send('POST', `${path}/test`);
    expect(server.received).toContain(PASSWORD);
    const bound = await sealed();
    await restart();
    expect(await sealed()).toBe(bound);
    expect(system.service('registry').output).not.toMatch(/sealed again for the targets/);

    expect(await recorded('registry', 'change-sealing-key')).toEqual([]);
    const [old, before] = [registry.keys, await publicKey()];
    registry.newKeys();
    await restart({ SIGNALBOX_SECRET_KEYS: `${registry.keys},${old}` });
    expect(await recorded('registry', 'change-sealing-key')).toEqual([{ before, public_key: await publicKey() }]);
    expect(await sealed()).not.toBe(bound);
    await send('POST', `${path}/test`);
    expect(server.clients).toBe(2);
  });
});
