import { randomBytes } from 'node:crypto';
import {
  AMQP_USERS,
  amqpUrl,
  freePort,
  SIGNALBOX_VHOST,
  signalboxDefinitions,
  startRabbitMq,
  type AmqpUserName,
  type BrokerSetup,
} from '@signalbox/local-infra';
import { FaultyFolder } from './faults/faulty-folder.js';

/** A private RabbitMQ with the users of Signalbox, at which API keys log in too: as the one that `npm start` makes. */
export interface KeyBroker {
  urlOf(user: AmqpUserName): string;
  /** For a key of kind `reader` or `agent`. */
  urlOfKey(key: { readonly id: string; readonly key: string }): string;
  /** What the gateway is given: where it listens for the broker's questions, and the management API. Until it listens there, no key logs in. */
  readonly gatewayEnv: Readonly<Record<'SIGNALBOX_BROKER_AUTH_PORT' | 'SIGNALBOX_BROKER_MANAGEMENT_URL', string>>;
  /** Runs `rabbitmqctl`, which takes seconds of CPU. */
  control(...args: string[]): Promise<string>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts one for a test file: it takes seconds, so that tests without keys use `signalboxBroker`. @param setup `brokerSetup` of the contracts */
export async function startKeyBroker(setup: BrokerSetup): Promise<KeyBroker> {
  const folder = await FaultyFolder.make('rabbitmq');
  const passwords = Object.fromEntries(AMQP_USERS.map((name) => [name, randomBytes(12).toString('hex')]));
  const amqpUsers = passwords as Record<AmqpUserName, string>;
  const authPort = await freePort();
  const node = await startRabbitMq({
    home: folder.home,
    logFile: folder.logFile,
    definitions: signalboxDefinitions({ amqpUsers }, setup),
    keyLogin: { url: `http://127.0.0.1:${authPort}` },
    management: true,
  }).catch(async (error: unknown) => {
    await folder.remove();
    throw error;
  });
  const urlAs = (user: string, password: string): string =>
    amqpUrl({ port: node.amqpPort, user, password, vhost: SIGNALBOX_VHOST });
  return {
    urlOf: (user) => urlAs(user, amqpUsers[user]),
    urlOfKey: ({ id, key }) => urlAs(id, key),
    gatewayEnv: {
      SIGNALBOX_BROKER_AUTH_PORT: String(authPort),
      SIGNALBOX_BROKER_MANAGEMENT_URL: `http://127.0.0.1:${node.managementPort}`,
    },
    control: node.control,
    stop: async () => {
      await node.stop();
      await folder.remove();
    },
  };
}
