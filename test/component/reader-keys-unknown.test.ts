import { brokerSetup } from '@signalbox/contracts/rights';
import { eventually, signalboxBroker, type SignalboxBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat } from '../support/beating.js';
import { metricOf } from '../support/metric-of.js';
import { BeatSender } from '../support/reader-key.js';
import { System, type SystemInProcess } from '../support/system.js';

describe('while reader-heartbeat does not know the keys of readers', () => {
  let rights: SignalboxBroker;
  let system: SystemInProcess;
  let readers: BeatSender;

  beforeAll(async () => {
    rights = await signalboxBroker(brokerSetup());
    system = await System.inProcess();
    readers = await BeatSender.open(rights.urlOf('readers'));
  });
  afterAll(async () => {
    await readers?.close();
    await system?.close();
    await rights?.remove();
  });

  it('no reader is declared dead, because a heartbeat may have been refused that counts', async () => {
    const as = (user: 'gateway' | 'reader-heartbeat') => ({
      RABBITMQ_URL: rights.urlOf(user),
      BROKER_SENDERS: 'checked',
    });
    const quick = { SIGNALBOX_MISSED_BEATS: '1', SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '0' };
    const service = await system.startReaderHeartbeat({ ...as('reader-heartbeat'), ...quick });
    const { managementPort } = await service.ready;
    const silentFor = () => metricOf(managementPort, 'signalbox_heartbeat_oldest_age_seconds', {});
    const dead = () => metricOf(managementPort, 'signalbox_readers', { state: 'dead' });
    await readers.send(beat('silent', { heartbeat_wait_interval: 1 }), { key: 'silent' });
    await eventually(async () => (await silentFor()) > 3);
    expect(await dead()).toBe(0);
    await system.startGateway(as('gateway'));
    await eventually(async () => (await dead()) === 1);

    // With a key its reader depends on a gateway: the broker asks one what the key may publish.
    await system.send('POST', '/v1/keys', { name: 'hosts', kind: 'reader', readers: 'host-*' });
    await readers.send(beat('silent', { heartbeat_wait_interval: 30 }), { key: 'silent' });
    await eventually(async () => (await dead()) === 0);
    await system.service('gateway').stop();
    await eventually(async () => (await silentFor()) > 6);
    await readers.send(beat('silent', { heartbeat_wait_interval: 1, seq: 9 }), { key: 'silent' });
    await eventually(async () => (await silentFor()) < 1);
    await eventually(async () => (await silentFor()) > 3);
    expect(await dead()).toBe(0);
    await system.startGateway(as('gateway'));
    await eventually(async () => (await dead()) === 1);
  });
});
