import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { exchanges, operationsQueue } from '@signalbox/contracts/messages';
import { brokerRights, brokerSetup, brokerUsers, keysOf, type BrokerUser } from '@signalbox/contracts/rights';
import { eventually, signalboxBroker, type SignalboxBroker } from '@signalbox/testing';
import { connect, type ChannelModel, type ConfirmChannel, type Options } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import { checkout } from '../support/script-run.js';
import { System, type SystemInProcess } from '../support/system.js';

const INVENTED = 'sk_live_invented_key_of_an_attacker_0123456789';
const STREAMS: Record<string, BrokerUser> = {
  gateway: 'gateway',
  registry: 'registry',
  dataplane: 'dataplane-control',
};
/** All users but the operator, which may do everything. */
const ACCOUNTS = brokerUsers.filter((user) => user !== 'operator');

/** An exchange and a key with which a user may publish into a queue of its own. */
function loopOf(user: BrokerUser): { readonly exchange: string; readonly key: string } {
  const { publishes, binds } = brokerRights[user];
  for (const { exchange, keys } of publishes)
    for (const key of keys)
      if (keysOf(binds, exchange).some((bound) => bound === key || bound === '#'))
        return { exchange, key: key.replace('{delay}', '1s').replace('{id}', '1f') };
  return { exchange: exchanges.retry.name, key: 'none' };
}

/** What a program does with the password of one account, by each way that the broker may leave open. */
class Attacker {
  private constructor(
    readonly user: BrokerUser,
    private readonly name: string,
    private readonly connection: ChannelModel,
  ) {}

  static async as(user: BrokerUser, url: string): Promise<Attacker> {
    const connection = await connect(url);
    connection.on('error', () => undefined);
    return new Attacker(user, decodeURIComponent(new URL(url).username), connection);
  }

  /** On a channel of its own: what the broker refuses ends there. Returns whether nothing was refused. */
  async attempt(work: (channel: ConfirmChannel) => unknown): Promise<boolean> {
    const channel = await this.connection.createConfirmChannel();
    let refused = false;
    const over = new Promise<void>((resolve) =>
      channel.once('error', () => {
        refused = true;
        resolve();
      }),
    );
    await Promise.race([
      over,
      Promise.resolve()
        .then(() => work(channel))
        .then(() => channel.waitForConfirms())
        .catch(() => over),
    ]);
    if (!refused) await channel.close().catch(() => undefined);
    return !refused;
  }

  /**
   * Publishes to an exchange with a key of its own and further keys in the header `name`, which the broker does not check: directly; and through a queue of its own
   * that dead-letters there with the keys of the message.
   */
  async withFurtherKeys(
    name: 'CC' | 'BCC',
    { exchange, key, further }: { exchange: string; key: string; further: readonly string[] },
    body: unknown,
    properties: Options.Publish,
  ): Promise<void> {
    const content = Buffer.from(JSON.stringify(body));
    const headers = { ...(properties.headers as object), [name]: further };
    const message = { ...properties, userId: this.name, contentType: 'application/json', headers };
    await this.attempt((channel) => channel.publish(exchange, key, content, message));
    const own = `${brokerRights[this.user].owns[0]?.replace(/#$/, 'mine')}.further`;
    await this.attempt(async (channel) => {
      await channel.assertExchange(own, 'fanout', { autoDelete: true });
      await channel.assertQueue(own, { autoDelete: true, deadLetterExchange: exchange, messageTtl: 0 });
      await channel.bindQueue(own, own, '');
      channel.publish(own, key, content, message);
      await channel.waitForConfirms();
      await channel.deleteQueue(own);
    });
  }

  /**
   * Publishes to an exchange with a key: directly; and through a queue of its own that dead-letters there, and through an exchange of its
   * own that is bound to it, for both of which the broker checks no key. Each with its name as sender and without.
   * @returns the number of ways that were open
   */
  async everyWay(exchange: string, key: string, body: unknown, properties: Options.Publish): Promise<number> {
    const content = Buffer.from(JSON.stringify(body));
    const [first] = brokerRights[this.user].owns;
    const own = first?.replace(/#$/, 'mine');
    let open = 0;
    for (const signed of [{ userId: this.name }, {}]) {
      const message = { ...properties, ...signed, contentType: 'application/json' };
      const ways: ((channel: ConfirmChannel) => unknown)[] = [
        (channel) => channel.publish(exchange, key, content, message),
      ];
      if (own !== undefined)
        ways.push(
          async (channel) => {
            const { queue } = await channel.assertQueue(`${own}.${exchange}.${key}`, {
              autoDelete: true,
              deadLetterExchange: exchange,
              deadLetterRoutingKey: key,
              messageTtl: 0,
            });
            const into = loopOf(this.user);
            await channel.bindQueue(queue, into.exchange, into.key);
            channel.publish(into.exchange, into.key, content, message);
            await channel.waitForConfirms();
            await channel.deleteQueue(queue);
          },
          async (channel) => {
            const source = `${own}.exchange.${exchange}`;
            await channel.assertExchange(source, 'topic', { autoDelete: true });
            await channel.bindExchange(exchange, source, '#');
            channel.publish(source, key, content, message);
            await channel.waitForConfirms();
            await channel.deleteExchange(source);
          },
        );
      for (const way of ways) if (await this.attempt(way)) open += 1;
    }
    return open;
  }

  close(): Promise<void> {
    return this.connection.close().catch(() => undefined);
  }
}

describe('with the password of any account of the broker', () => {
  let rights: SignalboxBroker;
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  const attackers: Attacker[] = [];
  const attackersExcept = (...owners: BrokerUser[]) => attackers.filter(({ user }) => !owners.includes(user));
  const as = (service: BrokerUser) => ({ RABBITMQ_URL: rights.urlOf(service), BROKER_SENDERS: 'checked' });

  beforeAll(async () => {
    rights = await signalboxBroker(brokerSetup());
    system = await System.inProcess();
    registry = new Registry(system);
    await Promise.all([
      system.startGateway(as('gateway')),
      system.start('dataplane-control', as('dataplane-control')).ready,
      system.start('journal', as('journal')).ready,
      registry.start({ config: { projects: [] }, env: as('registry') }),
    ]);
    await registry.serving();
    await system.send('POST', '/api/v0/projects', { name: 'kept' });
    for (const user of ACCOUNTS) attackers.push(await Attacker.as(user, rights.urlOf(user)));
  });
  afterAll(async () => {
    await Promise.all(attackers.map((attacker) => attacker.close()));
    await system?.close();
    registry?.remove();
    await rights?.remove();
  });

  const nameOf = (user: BrokerUser): string => decodeURIComponent(new URL(rights.urlOf(user)).username);
  /** Where the gateway's copy of a stream is. */
  const epochOf = async (stream: string): Promise<string | undefined> =>
    /at (\d+)\./.exec((await system.health()).checks[`stream ${stream}`]?.detail ?? '')?.[1];
  const statusWith = async (key: string) => (await system.get('/v1/keys', { 'x-api-key': key })).status;
  const forgedKey = {
    id: 'key_forged',
    name: 'forged',
    role: 'admin',
    mode: 'live',
    sha256: createHash('sha256').update(INVENTED).digest('hex'),
    expires_at: null,
  };
  const epoch = Date.now() + 3_600_000;
  const changes = [{ key: 'key/key_forged', value: forgedKey }];
  const messages = (stream: string) =>
    [
      ['state.beacon', { stream, epoch, seq: 1, digest: '0123456789abcdef' }],
      ['state.delta', { stream, epoch, seq: 1, changes }],
    ] as const;

  it('no state stream of another owner is replaced, and no key invented', async () => {
    const before = await Promise.all(Object.keys(STREAMS).map(epochOf));
    let open = 0;
    for (const [stream, owner] of Object.entries(STREAMS)) {
      for (const attacker of attackersExcept(owner)) {
        const ownKey = keysOf(brokerRights[attacker.user].publishes, exchanges.state.name)[0] ?? stream;
        for (const [type, body] of messages(stream)) {
          open += await attacker.everyWay(exchanges.state.name, stream, body, { type });
          // With the key of its own stream, too.
          open += await attacker.everyWay(exchanges.state.name, ownKey.replace('{partition}', '0'), body, { type });
        }
        // A snapshot is answered only by the owner.
        const bound = await attacker.attempt(async (channel) => {
          const name = `${brokerRights[attacker.user].owns[0]?.replace(/#$/, 'mine')}.snapshots`;
          await channel.assertQueue(name, { autoDelete: true });
          await channel.bindQueue(name, exchanges.requests.name, `${stream}.snapshot`);
        });
        expect([attacker.user, stream, bound]).toEqual([attacker.user, stream, false]);
      }
    }
    // Some ways are open: there the check of the sender counts.
    expect(open).toBeGreaterThan(10);
    await passed();
    expect(await Promise.all(Object.keys(STREAMS).map(epochOf))).toEqual(before);
    expect([await statusWith(system.adminKey), await statusWith(INVENTED)]).toEqual([200, 401]);
  });

  it('nothing is deleted or restarted in the name of another key', async () => {
    const by = { key_id: 'key_victim', request_id: 'req_1', address: '192.0.2.1' };
    const at = Date.now();
    const restart = {
      restart_id: 'restart-0123456789abcdef01234567',
      dataplane: 'main',
      boot_id: 'b',
      drain_seconds: 0,
      requested_at: at,
      expires_at: at + 60_000,
      reason: null,
      by,
    };
    const erase = { by, project: 'kept' };
    for (const attacker of attackersExcept('gateway')) {
      // What the registry sends to itself is its own affair, and so is what dataplane-control does.
      for (const [exchange, key] of [
        ['', 'registry.calls'],
        ['', 'registry.commands'],
        [exchanges.requests.name, 'registry'],
        [exchanges.commands.name, 'registry.x'],
        [exchanges.retry.name, 'registry.commands'],
      ].filter(() => attacker.user !== 'registry') as [string, string][])
        await attacker.everyWay(exchange, key, erase, {
          type: 'registry.delete-project',
          messageId: `erase-${attacker.user}-${key}`,
          headers: { 'origin-exchange': exchanges.requests.name, 'origin-routing-key': 'registry', tries: 1 },
        });
      for (const [exchange, key] of [
        ['', 'dataplane-control.commands'],
        [exchanges.commands.name, 'dataplane.main.shutdown'],
        [exchanges.retry.name, 'dataplane-control.commands'],
      ].filter(() => attacker.user !== 'dataplane-control') as [string, string][])
        await attacker.everyWay(exchange, key, restart, {
          type: 'dataplane.shutdown',
          messageId: restart.restart_id,
          headers: { 'origin-exchange': exchanges.commands.name, 'origin-routing-key': 'dataplane.main.shutdown' },
        });
    }
    const record = { ...by, at, action: 'restart-dataplane', resource: 'main', result: 'done', detail: {} };
    for (const attacker of attackersExcept('gateway', 'dataplane-control'))
      await attacker.everyWay(exchanges.audit.name, 'dataplane-control.record', record, {
        type: 'dataplane-control.record',
        messageId: `record-${attacker.user}`,
      });
    await passed();
    expect((await system.get('/api/v0/projects/kept')).status).toBe(200);
    const trail = await eventually(async () => {
      const text = await (await system.get('/v1/audit?limit=1000')).text();
      return text.includes('kept') && text;
    });
    expect(trail).not.toContain('key_victim');
  });

  it('nothing is believed that came into a queue by a further key, for which the broker does not ask', async () => {
    await system.send('POST', '/api/v0/projects', { name: 'kept-1' });
    const body = { by: { key_id: 'key_victim', request_id: 'req_3', address: '192.0.2.1' }, project: 'kept-1' };
    const further = ['registry', 'registry.commands', 'registry.x', 'journal.audit'];
    const headers = { 'origin-exchange': exchanges.requests.name, 'origin-routing-key': 'registry' };
    for (const attacker of attackersExcept('gateway', 'registry'))
      for (const { exchange, keys } of brokerRights[attacker.user].publishes)
        for (const [place, template] of keys.entries()) {
          const key = template.replace('{delay}', '1s').replace('{id}', '1f').replace('{partition}', '0');
          for (const name of ['CC', 'BCC'] as const)
            await attacker.withFurtherKeys(
              name,
              { exchange, key: key.replace('{dataplane}', 'main').replace('#', 'x'), further },
              body,
              {
                type: 'registry.delete-project',
                messageId: `further-${attacker.user}-${exchange}-${place}-${name}`,
                headers: { ...headers, 'origin-user': nameOf('gateway') },
              },
            );
        }
    await passed();
    expect((await system.get('/api/v0/projects/kept-1')).status).toBe(200);
  });

  it('no dead letter takes further keys with it when it is replayed', async () => {
    await system.send('POST', '/api/v0/projects', { name: 'kept-2' });
    await deadLetters('discard', 'all');
    for (const attacker of attackersExcept('gateway', 'registry'))
      for (const { exchange, keys } of brokerRights[attacker.user].publishes.filter(
        (each) => each.exchange === exchanges.deadLetters.name,
      ))
        for (const template of keys)
          await attacker.attempt((channel) =>
            channel.publish(
              exchange,
              template.replace('{dataplane}', 'main').replace('{id}', '1f').replace('#', 'audit'),
              Buffer.from(
                JSON.stringify({ by: { key_id: 'k', request_id: 'r', address: '192.0.2.1' }, project: 'kept-2' }),
              ),
              {
                userId: nameOf(attacker.user),
                contentType: 'application/json',
                type: 'registry.delete-project',
                messageId: `copy-${attacker.user}-${template}`,
                headers: {
                  CC: ['registry.calls', 'registry.commands'],
                  'x-reason': 'handler-failed',
                  'x-source-exchange': exchanges.requests.name,
                  'x-source-routing-key': 'registry',
                },
              },
            ),
          );
    expect(await deadLetters('replay', 'all')).toMatch(/sent to journal\.audit again/);
    await passed();
    expect((await system.get('/api/v0/projects/kept-2')).status).toBe(200);
  });

  it('no dead letter is replayed to a service that never had it', async () => {
    const by = { key_id: 'key_victim', request_id: 'req_2', address: '192.0.2.1' };
    const headers = {
      'x-reason': 'handler-failed',
      'x-source-queue': 'registry.calls',
      'x-source-exchange': exchanges.requests.name,
      'x-source-routing-key': 'registry',
      'x-death': [{ queue: 'registry.calls', exchange: exchanges.requests.name, 'routing-keys': ['registry'] }],
    };
    await deadLetters('discard', 'all');
    const operator = await connect(rights.urlOf('operator'));
    const { name: queue, ...options } = operationsQueue('main');
    await (await operator.createChannel()).assertQueue(queue, options);
    await operator.close();
    let letters = 0;
    for (const attacker of attackersExcept('gateway', 'registry')) {
      const owned = brokerRights[attacker.user].owns[0]?.replace(/#$/, 'mine') ?? 'mine';
      for (const key of ['registry.calls', 'registry.commands', owned])
        letters += await attacker.everyWay(
          exchanges.deadLetters.name,
          key,
          { by, project: 'kept' },
          {
            type: 'registry.delete-project',
            messageId: `letter-${attacker.user}-${key}`,
            headers,
          },
        );
    }
    expect(letters).toBeGreaterThan(5);
    letters = 0;
    // Also the owner of a dataplane's queues, which may send it no operation.
    const run = { operation_id: 'op-0000000000', dataplane: 'main', request: {}, requested_at: Date.now(), by };
    const way = { exchange: exchanges.commands.name, 'routing-keys': ['dataplane.main.run'] };
    for (const attacker of attackersExcept('gateway', 'registry'))
      for (const key of ['dataplane.main.operations', 'dataplane.main.run'])
        letters += await attacker.everyWay(exchanges.deadLetters.name, key, run, {
          type: 'dataplane.run',
          messageId: `letter-${attacker.user}-${key}`,
          headers: {
            'x-reason': 'handler-failed',
            'x-source-queue': 'dataplane.main.operations',
            'x-source-exchange': way.exchange,
            'x-source-routing-key': 'dataplane.main.run',
            'x-death': [{ queue: 'dataplane.main.operations', ...way }],
          },
        });
    expect(letters).toBeGreaterThan(5);
    const output = await deadLetters('replay', 'all');
    expect(output).toContain('not sent, and it stays dead-lettered');
    expect(output).not.toMatch(/sent to (registry\.(calls|requests|commands)|dataplane\.main\.operations) again/);
    await passed();
    expect((await system.get('/api/v0/projects/kept')).status).toBe(200);
  });

  it('but the gateway of course replaces its own stream: these attacks are ones', async () => {
    const gateway = attackers.find(({ user }) => user === 'gateway')!;
    await gateway.attempt(async (channel) => {
      const { queue } = await channel.assertQueue('snapshot.gateway.forged', { autoDelete: true });
      await channel.bindQueue(queue, exchanges.requests.name, 'gateway.snapshot');
    });
    const [[type, body]] = messages('gateway');
    expect(await gateway.everyWay(exchanges.state.name, 'gateway', body, { type })).toBeGreaterThan(0);
    // Its replica waits for a snapshot of the invented owner, which never comes: it is not in step any more.
    await eventually(async () => {
      const { port } = await system.service('gateway').ready;
      void port;
      const text = await (await fetch(`http://127.0.0.1:${system.managementPort}/metrics`)).text();
      return /signalbox_stream_in_step\{[^}]*stream="gateway"[^}]*\} 0/.test(text);
    });
  });

  /** Resolves when everything that was sent before was consumed: the services answer, and follow their streams. */
  const passed = async (): Promise<void> => {
    const name = `p-${Date.now()}`;
    expect((await system.send('POST', '/api/v0/projects', { name })).status).toBe(200);
    expect((await system.send('POST', '/v1/keys', { name })).status).toBe(201);
  };
  const deadLetters = (...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], RABBITMQ_URL: rights.urlOf('operator') };
      execFile(process.execPath, ['scripts/dead-letters.mjs', ...args], { cwd: checkout, env }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
});
