import { envInteger, envPort, envUrl } from '@signalbox/platform';
import { z } from 'zod';

const hasNoCredential = (url: string): boolean => {
  const { username, password } = new URL(url);
  return username === '' && password === '';
};

/** The variables of API keys as logins at the broker: a part of the gateway's configuration. */
export const brokerKeysEnv = {
  SIGNALBOX_BROKER_AUTH_PORT: envPort().optional().meta({
    description:
      'The port at which RabbitMQ asks whether a key may log in, and what it may do (`rabbitmq_auth_backend_http`). Not set: no key logs in to the broker.',
  }),
  SIGNALBOX_BROKER_AUTH_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('The address of this port. It must be reached by RabbitMQ, and by no other process.'),
  SIGNALBOX_BROKER_MANAGEMENT_URL: envUrl(['http:', 'https:'])
    .refine((url) => !URL.canParse(url) || hasNoCredential(url), 'must have no user and no password')
    .optional()
    .meta({
      description:
        "RabbitMQ's management API, as `http://rabbitmq:15672`: connections of keys that are revoked or expire are closed there, and counted. It needs no user: a gateway logs in as the key. Not set: such keys keep the connections that they have.",
      values: 'a URL that starts with http:// or https://, without user and password',
    }),
  SIGNALBOX_BROKER_CONNECTIONS_PER_KEY: envInteger({ min: 1, max: 10_000 })
    .default(100)
    .describe(
      'Connections that one key may have at the broker. A host of readers has one or two. Those beyond are closed within some seconds; it needs `SIGNALBOX_BROKER_MANAGEMENT_URL`.',
    ),
};
