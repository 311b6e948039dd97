import { eventually, testPackages, type KeyBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { beat, BeatPublisher } from '../../support/beating.js';
import { startingReport } from '../../support/dataplane.js';
import { KeySystem, type BrokerKey } from '../../support/key-system.js';
import { metricOf } from '../../support/metric-of.js';
import { LANGUAGES, ReaderClient } from '../../support/reader-clients/client.js';

/** What services believe of readers and agents that have logged in with keys: from the key to the answer of the gateway. */
export function servicesKnowKeys(broker: () => KeyBroker): void {
  describe('what is sent with an API key', () => {
    let keys: KeySystem;
    let reader: BrokerKey;
    let other: BrokerKey;
    let agent: BrokerKey;
    const publishers = new Map<BrokerKey, BeatPublisher>();
    let heartbeatPort: number;

    const refused = (reason: string): Promise<number> =>
      metricOf(heartbeatPort, 'signalbox_heartbeats_refused_total', { reason });
    const heartbeats = (from: BrokerKey, key: string, body: unknown, properties = {}): Promise<void> =>
      publishers
        .get(from)!
        .publish({ exchange: 'signalbox.heartbeats', key }, body, { type: 'reader.heartbeat', ...properties });
    const report = (body: object): Promise<void> =>
      publishers
        .get(agent)!
        .publish({ exchange: 'signalbox.reports', key: 'dataplane.main' }, body, { type: 'dataplane.report' });
    const bootIds = async (): Promise<Record<string, string>> => {
      const { data } = (await (await keys.system.get('/v1/dataplanes')).json()) as {
        data: { name: string; boot_id: string }[];
      };
      return Object.fromEntries(data.map(({ name, boot_id }) => [name, boot_id]));
    };

    beforeAll(testPackages, 600_000);
    beforeAll(async () => {
      keys = await KeySystem.start(broker());
      [reader, other, agent] = [
        await keys.newKey({ kind: 'reader', readers: 'llama-*' }),
        await keys.newKey({ kind: 'reader', readers: 'mistral-*' }),
        await keys.newKey({ kind: 'agent', dataplane: 'main' }),
      ];
      const services = (['reader-heartbeat', 'dataplane-control'] as const).map((name) =>
        keys.system.start(name, keys.environmentOf(name)),
      );
      const [readers] = await Promise.all(services.map(({ ready }) => ready));
      heartbeatPort = readers!.managementPort;
      for (const key of [reader, other, agent])
        publishers.set(key, await BeatPublisher.open(keys.broker.urlOfKey(key)));
    });
    afterAll(async () => {
      await Promise.all([...publishers.values()].map((publisher) => publisher.close().catch(() => undefined)));
      await keys?.close();
    });

    it.each(LANGUAGES)('is all that readers with the client in %s need, also to be stopped', async (language) => {
      const client = new ReaderClient(language);
      onTestFinished(() => client.kill());
      const { system, broker: at } = keys;
      client.take('host', { options: { url: at.urlOfKey(reader) } });
      const ids = [`llama-a/${language}`, `llama-b/${language}`] as const;
      for (const id of ids) {
        client.take('add', { options: beat(id, { state: undefined }), on_stop: 'returns' });
        client.take('ready', { id });
      }
      for (const id of ids) await eventually(async () => (await system.mapOf(id)) === 'live');
      await eventually(async () => (await system.send('DELETE', `/reader/${ids[1]}`)).status === 204);
      await eventually(async () => (await system.mapOf(ids[1])) === undefined);
      expect(await system.mapOf(ids[0])).toBe('live');
      expect(client.count('command')).toBe(1);
      expect(client.output).not.toContain('cannot be stopped');
    });

    it('counts for the readers of the key, and is refused one by one for others', async () => {
      await heartbeats(
        reader,
        'llama-1',
        ['llama-1', 'mistral-9', 'llama-2'].map((id) => beat(id)),
        {
          userId: reader.id,
        },
      );
      await eventually(async () => (await keys.system.mapOf('llama-2')) === 'live');
      expect(await keys.system.mapOf('llama-1')).toBe('live');
      await eventually(async () => (await refused('not-permitted')) === 1);
      // Without the name of the key it is for the reader of its routing key.
      await heartbeats(reader, 'llama-3', beat('mistral-9'));
      await heartbeats(reader, 'llama-3', beat('llama-3'));
      await eventually(async () => (await keys.system.mapOf('llama-3')) === 'live');
      expect(await refused('not-permitted')).toBe(2);
      expect(await keys.system.mapOf('mistral-9')).toBeUndefined();
    });

    it('cannot displace a reader of another key', async () => {
      await heartbeats(other, 'mistral-1', beat('llama-1', { boot_id: 'forged', boot_time: Date.now() }));
      await heartbeats(
        other,
        'mistral-1',
        [beat('llama-1', { boot_id: 'forged', state: 'stopping' }), beat('mistral-1')],
        {
          userId: other.id,
        },
      );
      await eventually(async () => (await keys.system.mapOf('mistral-1')) === 'live');
      expect(await refused('not-permitted')).toBe(4);
      expect(await keys.system.mapOf('llama-1')).toBe('live');
    });

    it('reports for the dataplane of the key, and for no other one', async () => {
      await report({ ...startingReport, boot_id: 'own' });
      await eventually(async () => (await bootIds())['main'] === 'own');
      for (const dataplane of ['other', 'invented']) await report({ ...startingReport, dataplane, boot_id: 'forged' });
      await report({ ...startingReport, boot_id: 'own', seq: 1 });
      await eventually(async () => (await bootIds())['main'] === 'own');
      expect(Object.keys(await bootIds())).toEqual(['main']);
    });
  });
}
