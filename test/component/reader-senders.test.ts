import { brokerSetup } from '@signalbox/contracts/rights';
import { eventually, signalboxBroker, type SignalboxBroker } from '@signalbox/testing';
import { connect, type ChannelModel, type GetMessage } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat } from '../support/beating.js';
import { metricOf } from '../support/metric-of.js';
import { BeatSender, ReaderKeyUser } from '../support/reader-key.js';
import { System, type SystemInProcess } from '../support/system.js';

const MAX_READERS = 60;
const MAX_READERS_PER_KEY = 30;
const limits = {
  SIGNALBOX_MAX_READERS: String(MAX_READERS),
  SIGNALBOX_MAX_READERS_PER_KEY: String(MAX_READERS_PER_KEY),
};
const lasting = (readerId: string, over: Record<string, unknown> = {}) =>
  beat(readerId, { heartbeat_wait_interval: 3_600, ...over });

/** Where refused heartbeats are dead-lettered. */
const REFUSED = 'dead-letters.heartbeats';

interface Refusal {
  readonly reason: unknown;
  readonly detail: unknown;
  readonly body: { readonly reader_id: string };
}

/** On a broker with the users of Signalbox, where senders are checked. */
describe('a heartbeat', () => {
  let rights: SignalboxBroker;
  let system: SystemInProcess;
  let operator: ChannelModel;
  let teamA: ReaderKeyUser;
  let teamB: ReaderKeyUser;
  let asTeamA: BeatSender;
  let asTeamB: BeatSender;
  let asReaders: BeatSender;
  const open: { close(): Promise<void> }[] = [];

  const opened = async (url: string): Promise<BeatSender> => {
    const sender = await BeatSender.open(url);
    open.push(sender);
    return sender;
  };
  const checked = (user: 'gateway' | 'reader-heartbeat') => ({
    RABBITMQ_URL: rights.urlOf(user),
    BROKER_SENDERS: 'checked',
  });
  const startReaderHeartbeat = () => system.startReaderHeartbeat({ ...checked('reader-heartbeat'), ...limits });
  const metric = async (name: string, labels: Record<string, string>): Promise<number> =>
    metricOf((await system.service('reader-heartbeat').ready).managementPort, name, labels);
  const refusedFor = (reason: string) => metric('signalbox_heartbeats_refused_total', { reason });
  const isLive = async (readerId: string): Promise<boolean> => (await system.mapOf(readerId)) === 'live';
  const shown = async (): Promise<string[]> => {
    const { status } = await system.status();
    return [status?.live_readers, status?.loading_readers, status?.dead_readers].flatMap((map) =>
      Object.keys(map ?? {}),
    );
  };
  /** The next refusals that are dead-lettered. */
  const refusals = async (count: number): Promise<Refusal[]> => {
    const channel = await operator.createChannel();
    const taken: GetMessage[] = [];
    await eventually(async () => {
      const message = await channel.get(REFUSED, { noAck: true });
      if (message) taken.push(message);
      return taken.length === count;
    });
    await channel.close();
    return taken.map(({ content, properties }) => ({
      reason: properties.headers?.['x-reason'],
      detail: properties.headers?.['x-detail'],
      body: JSON.parse(content.toString()) as Refusal['body'],
    }));
  };

  beforeAll(async () => {
    rights = await signalboxBroker(brokerSetup());
    system = await System.inProcess();
    await Promise.all([system.startGateway(checked('gateway')), startReaderHeartbeat()]);
    [teamA, teamB] = (await Promise.all(
      ['team-a-*', 'team-b-*'].map((readers) => ReaderKeyUser.make(system, readers, rights.urlOf('readers'))),
    )) as [ReaderKeyUser, ReaderKeyUser];
    operator = await connect(rights.urlOf('operator'));
    [asTeamA, asTeamB, asReaders] = await Promise.all([
      opened(teamA.url),
      opened(teamB.url),
      opened(rights.urlOf('readers')),
    ]);
    // reader-heartbeat shows in no other way that it has received a key.
    await eventually(async () => {
      await asTeamB.send([lasting('team-b-0')], { key: 'team-b-' });
      return isLive('team-b-0');
    });
    const channel = await operator.createChannel();
    await eventually(async () => {
      const { messageCount } = await channel.checkQueue(REFUSED);
      return messageCount === (await refusedFor('not-permitted'));
    });
    await channel.purgeQueue(REFUSED);
    await channel.close();
  });
  afterAll(async () => {
    await Promise.all(open.map((each) => each.close()));
    await operator?.close();
    await system?.close();
    await Promise.all([teamA?.remove(), teamB?.remove()]);
    await rights?.remove();
  });

  it('with the key of other readers displaces no reader, and is dead-lettered with reader, sender and reason', async () => {
    const before = await refusedFor('not-permitted');
    await asTeamA.send(lasting('team-b-0', { boot_id: 'forged', model_name: 'forged' }), { key: 'team-a-0' });
    expect(await refusals(1)).toEqual([
      {
        reason: 'not-permitted',
        detail: `reader_id: team-b-0 is not covered by team-a-*, which is what the sender ${teamA.id} may publish`,
        body: lasting('team-b-0', { boot_id: 'forged', model_name: 'forged' }),
      },
    ]);
    expect(await refusedFor('not-permitted')).toBe(before + 1);
    await asTeamB.send(lasting('team-b-0', { model_name: 'genuine' }), { key: 'team-b-0' });
    await eventually(async () => (await system.status()).status?.live_readers['team-b-0']?.model_name === 'genuine');
  });

  it('of an array counts by itself: those that the pattern covers do, the others are refused one by one', async () => {
    const ids = ['team-a-1', 'team-b-1', 'team-a-2', 'other', 'team-a-3'];
    await asTeamA.send(
      ids.map((id) => lasting(id)),
      { key: 'team-a-batch' },
    );
    await eventually(() => isLive('team-a-3'));
    expect((await refusals(2)).map(({ body }) => body.reader_id)).toEqual(['team-b-1', 'other']);
    expect((await shown()).toSorted()).toEqual(['team-a-1', 'team-a-2', 'team-a-3', 'team-b-0']);
  });

  it('without a sender counts for the reader of its routing key, which the broker has checked, and for no other', async () => {
    await asTeamA.sendUnsigned([lasting('team-a-4'), lasting('team-a-5'), lasting('team-b-0')], 'team-a-4');
    await eventually(() => isLive('team-a-4'));
    expect(await refusals(2)).toMatchObject([
      {
        reason: 'not-permitted',
        detail: 'reader_id: team-a-5 is not the routing key of the message, and the message names no sender (user_id)',
      },
      { reason: 'not-permitted', body: { reader_id: 'team-b-0' } },
    ]);
    expect(await system.mapOf('team-a-5')).toBeUndefined();
  });

  it('of the user that readers share counts for every reader if it names that user, else for that of its routing key', async () => {
    await asReaders.send([lasting('shared-0'), lasting('shared-1')], { key: 'any' });
    await asReaders.sendUnsigned(lasting('shared-2'), 'shared-2');
    await asReaders.sendUnsigned(lasting('shared-3'), 'any');
    await eventually(async () => (await isLive('shared-1')) && isLive('shared-2'));
    expect(await refusals(1)).toMatchObject([{ body: { reader_id: 'shared-3' } }]);
    expect(await system.mapOf('shared-3')).toBeUndefined();
  });

  it('of a new reader is refused where its key has as many as it may have, and known readers go on', async () => {
    for (let message = 0; message < 5; message++) {
      const invented = Array.from({ length: 10_000 }, (_, index) => lasting(`team-a-${message}/${index}`));
      await asTeamA.send(invented, { key: 'team-a-batch' });
    }
    // Readers 1 to 4 of the team were known before.
    await eventually(async () => (await refusedFor('too-many-readers')) === 50_000 - (MAX_READERS_PER_KEY - 4));
    await asTeamA.send(lasting('team-a-1', { model_name: 'goes on' }), { key: 'team-a-1' });
    await asTeamA.sendUnsigned(lasting('team-a-new'), 'team-a-new');
    await asTeamB.send(lasting('team-b-new'), { key: 'team-b-new' });
    await eventually(() => isLive('team-b-new'));
    const { status } = await system.status();
    expect(status?.live_readers['team-a-1']?.model_name).toBe('goes on');
    const names = await shown();
    expect(names.filter((name) => name.startsWith('team-a-'))).toHaveLength(MAX_READERS_PER_KEY);
    expect(names).not.toContain('team-a-new');
    const lines = system
      .service('reader-heartbeat')
      .output.split('\n')
      .filter((line) => line.includes('heartbeats of new readers refused'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        sender: teamA.id,
        pattern: 'team-a-*',
        reason: `${MAX_READERS_PER_KEY} readers of the key are known, as many as SIGNALBOX_MAX_READERS_PER_KEY permits`,
      }),
    ]);
  });

  it('of a new reader is refused where all together have as many as there may be, of any sender', async () => {
    for (let message = 0; message < 5; message++) {
      const invented = Array.from({ length: 10_000 }, (_, index) => lasting(`invented/${message}/${index}`));
      await asReaders.send(invented, { key: 'any' });
    }
    await eventually(async () => (await refusedFor('too-many-readers')) > 99_000);
    await asTeamB.send([lasting('team-b-0', { model_name: 'goes on' }), lasting('team-b-newer')], { key: 'team-b-0' });
    await eventually(async () => (await system.status()).status?.live_readers['team-b-0']?.model_name === 'goes on');
    const names = await shown();
    expect(names).toHaveLength(MAX_READERS);
    expect(names).not.toContain('team-b-newer');
    expect(system.service('reader-heartbeat').output).toContain(
      `${MAX_READERS} readers are known, as many as SIGNALBOX_MAX_READERS permits`,
    );
  });

  it('of a new reader is refused after a restart, too: stored readers have their places', async () => {
    await system.service('reader-heartbeat').stop();
    await startReaderHeartbeat();
    await asTeamB.send(lasting('team-b-newest'), { key: 'team-b-newest' });
    await eventually(async () => (await refusedFor('too-many-readers')) > 0);
    expect(await metric('signalbox_readers', { state: 'live' })).toBe(MAX_READERS);
    await asTeamB.send(lasting('team-b-0', { state: 'stopping' }), { key: 'team-b-0' });
    await eventually(async () => (await system.mapOf('team-b-0')) === undefined);
  });

  it('of an array is refused once the key is revoked that sends it', async () => {
    expect((await system.send('DELETE', `/v1/keys/${teamA.id}`)).status).toBe(204);
    await eventually(async () => {
      await asTeamA.send([lasting('team-a-2')], { key: 'team-a-1' });
      const [refusal] = await refusals(1).catch(() => []);
      return String(refusal?.detail).endsWith(`the sender ${teamA.id} is no reader key that is known here`);
    });
  });
});
