/** What a channel is closed for; `text` as RabbitMQ says it. */
export class ChannelRefusal extends Error {
  constructor(
    readonly code: number,
    text: string,
  ) {
    super(`Operation failed: ${text}`);
  }
}

/** The name under which replies are consumed, and with which an address for them is asked for. */
export const REPLY_TO = 'amq.rabbitmq.reply-to';
