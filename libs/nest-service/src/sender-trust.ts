import { commonTopology, exchanges } from '@signalbox/contracts/messages';
import { brokerRights, keysOf, prefixOfUsers, senderRules, serviceUsers } from '@signalbox/contracts/rights';
import { userOf, type AmqpOptions } from '@signalbox/messaging';
import { ConfigError, type Health, type Logger, type ServiceConfig } from '@signalbox/platform';

type Trust = Pick<AmqpOptions, 'senders' | 'prepared' | 'asks' | 'replies'>;

/**
 * Whom a service believes, by the table of rights. Where all services share one user, everybody: that is logged, and shown in `/readyz`.
 * @throws ConfigError where the user of the URL is not the one of the service
 */
export function senderTrust(
  service: string,
  { config, logger, health }: { readonly config: ServiceConfig; readonly logger: Logger; readonly health: Health },
): Trust {
  const replies = exchanges.replies.name;
  if (config.BROKER_SENDERS === 'unchecked') {
    logger.warn('senders of messages are not checked: BROKER_SENDERS=unchecked');
    health.add('message senders', () => ({ status: 'up', detail: 'not checked: BROKER_SENDERS=unchecked' }), {
      required: false,
    });
    return { replies };
  }
  const user = serviceUsers.find((each) => each === service);
  const name = userOf(config.RABBITMQ_URL);
  const prefix = user && prefixOfUsers(name, user);
  if (user === undefined || prefix === undefined)
    throw new ConfigError(
      `RABBITMQ_URL names the user ${JSON.stringify(name)}, but messages of ${service} are believed only from the user ${service}. Set BROKER_SENDERS=unchecked where all services share one user.`,
    );
  return {
    replies,
    senders: senderRules(prefix, user),
    prepared: commonTopology(),
    asks: keysOf(brokerRights[user].binds, replies).length > 0,
  };
}
