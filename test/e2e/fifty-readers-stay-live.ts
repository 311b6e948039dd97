import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeathWatch, FiftyReaders } from '../support/fifty-readers.js';
import type { NpmStart } from '../support/npm-start.js';
import { until } from '../support/script-run.js';

const SERVICES = ['reader-heartbeat', 'gateway', 'registry', 'dataplane-control', 'datasource-sync', 'journal'];
/** How long the broker is down or paused; the leases of the fifty readers are 3.5 s. */
const OUTAGE_MS = 12_000;

/** Fifty readers publish a heartbeat every second: no failure of Signalbox makes one of them dead. */
export function fiftyReadersStayLive(get: () => NpmStart): void {
  describe('keeps fifty readers live', () => {
    let signalbox: NpmStart;
    let readers: FiftyReaders;
    let watch: DeathWatch;

    beforeAll(async () => {
      signalbox = get();
      readers = new FiftyReaders(signalbox.readerUrl);
      watch = new DeathWatch(() => signalbox.readers());
      await receivedAgain();
    }, 60_000);
    afterAll(async () => {
      await watch?.stop();
      await readers?.stop();
    });

    /** Waits until a heartbeat of every reader was received that was sent more than one lease after now. */
    const receivedAgain = async (): Promise<void> => {
      const from = Date.now() / 1_000 + 4.5;
      const areReceived = async (): Promise<boolean> => {
        const maps = await signalbox.readers();
        return readers.ids.every(
          (id) => id in (maps?.live_readers ?? {}) && (maps?.last_heartbeat[id]?.heartbeat_timestamp ?? 0) > from,
        );
      };
      await until('heartbeats of all readers', areReceived, 60_000);
    };

    /** The readers that were ever declared dead: in an answer of the gateway or in the log of reader-heartbeat. */
    const declaredDead = (): string[] => [
      ...watch.dead,
      ...(signalbox.logsOf('reader-heartbeat').match(/.*declared dead.*/g) ?? []),
    ];

    it.each(SERVICES)(
      'while %s is killed and restarts',
      async (service) => {
        await signalbox.replace(service, 'SIGKILL');
        await receivedAgain();
        expect(declaredDead()).toEqual([]);
      },
      120_000,
    );

    it('while the broker is stopped and restarts', async () => {
      const brokerPort = Number(new URL(signalbox.readerUrl).port);
      const outageEndsAt = Date.now() + OUTAGE_MS;
      const back = signalbox.replace('rabbitmq', 'SIGTERM');
      // The broker cannot start while another process has its port.
      const squatter = await holdPort(brokerPort);
      await sleep(outageEndsAt - Date.now());
      await squatter[Symbol.asyncDispose]();
      await back;
      await receivedAgain();
      expect(declaredDead()).toEqual([]);
    }, 180_000);

    it('while the broker is paused', async () => {
      process.kill(signalbox.pidOf('rabbitmq'), 'SIGSTOP');
      await sleep(OUTAGE_MS);
      process.kill(signalbox.pidOf('rabbitmq'), 'SIGCONT');
      await receivedAgain();
      expect(declaredDead()).toEqual([]);
      expect(watch.answers).toBeGreaterThan(100);
    }, 180_000);
  });
}

/** Listens on a port as soon as it is free, and closes every connection. */
async function holdPort(port: number): Promise<AsyncDisposable> {
  const server = await eventually(async () => {
    const trying = createServer((socket) => socket.destroy());
    await once(trying.listen(port, '127.0.0.1'), 'listening');
    return trying;
  });
  return { [Symbol.asyncDispose]: () => promisify(server.close.bind(server))() };
}
