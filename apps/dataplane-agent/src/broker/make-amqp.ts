import { exchanges } from '@signalbox/contracts/messages';
import { prefixOfUsers, senderRules } from '@signalbox/contracts/rights';
import { Amqp, userOf, type Connect, type MessagingRecorder } from '@signalbox/messaging';
import { valueNow, type Changing, type Logger } from '@signalbox/platform';

/** The queues appear once the first report was received; how often they are looked for. */
const RECONNECT = { minMs: 100, maxMs: 2_000 };

export interface AgentAmqpOptions {
  readonly url: Changing<string>;
  readonly dataplane: string;
  /** Whether commands are believed only from the users that are allowed to send them. */
  readonly checksSenders: boolean;
  readonly connect: Connect;
  readonly recorder: MessagingRecorder;
  readonly logger: Logger;
}

/** The broker as an agent uses it: it declares nothing. */
export const makeAmqp = ({ url, dataplane, checksSenders, connect, recorder, logger }: AgentAmqpOptions): Amqp =>
  new Amqp({
    url,
    name: `dataplane-agent.${dataplane}`,
    logger,
    topology: { exchanges: [], queues: [], bindings: [] },
    deadLetters: { exchange: exchanges.deadLetters.name },
    reconnect: RECONNECT,
    connect,
    recorder,
    asks: false,
    ...(checksSenders && { senders: senderRules(prefixOfUsers(userOf(valueNow(url)), 'dataplanes')) }),
  });
