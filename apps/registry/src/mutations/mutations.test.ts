import type { RegistryRequest } from '@signalbox/contracts/messages';
import type { AmqpContext } from '@signalbox/nest-service';
import { DeadlinePassed, type Database } from '@signalbox/persistence';
import { systemClock } from '@signalbox/platform';
import { expect, it } from 'vitest';
import type { Config } from '../config.js';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import { refused } from '../requests/refusal.js';
import { Mutations, StalePreparation } from './mutations.js';

const database = { outcomeOf: async () => undefined } as unknown as Database;
const lifecycle = { now: { state: 'serving', frozen: false } } as Lifecycle;
const config = {} as Config;
const mutations = new Mutations(database, lifecycle, systemClock, config);

const mutationUntil = (deadline: number) => ({
  request: {} as RegistryRequest,
  context: { messageId: 'a', deadline } as AmqpContext,
  action: 'put-package',
});

it('does not answer a request whose deadline passes during its preparation', async () => {
  const outcome = mutations.runPrepared(
    mutationUntil(Date.now() + 20),
    (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(refused('not_found', 'There was no more time to read it.'))),
      ),
    () => Promise.reject(new Error('must not run')),
  );
  await expect(outcome).rejects.toBeInstanceOf(DeadlinePassed);
});

it('passes on a refusal of the preparation', async () => {
  const outcome = mutations.runPrepared(
    mutationUntil(Date.now() + 60_000),
    () => Promise.reject(refused('not_found', 'There is no such package.')),
    () => Promise.reject(new Error('must not run')),
  );
  await expect(outcome).rejects.toMatchObject({ code: 'not_found' });
});

it('refuses a mutation whose resource others keep changing while it is prepared', async () => {
  let prepared = 0;
  const stale = {
    outcomeOf: async () => undefined,
    once: () => Promise.reject(new StalePreparation()),
  } as unknown as Database;
  const outcome = new Mutations(stale, lifecycle, systemClock, config).runPrepared(
    mutationUntil(Date.now() + 60_000),
    async () => (prepared += 1),
    () => Promise.reject(new Error('must not run')),
  );
  await expect(outcome).rejects.toMatchObject({ code: 'unavailable' });
  expect(prepared).toBeGreaterThan(1);
});
