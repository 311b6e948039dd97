import { z } from 'zod';
import type { JsonValue, Members } from '../json.js';
import { channels } from './channels.js';
import { jsonSchemaOf } from './json-schema.js';
import { exchanges } from '../messages/exchanges.js';
import { parameters, type BodyContract, type ChannelContract, type MessageContract } from './message-contract.js';
import { queuesOf } from './queues-of.js';

const DESCRIPTION = `Everything that travels through RabbitMQ. docs/messages.md explains it.

A channel is an exchange with a routing key. The \`name\` of a message is its AMQP property \`type\`. Messages by which a process checks its own connection are not described.`;

const refusal: BodyContract = {
  schema: z.object({ code: z.string(), message: z.string() }),
  example: { code: 'not_found', message: 'There is no project shop.' },
};

const text = { type: 'string' };
const commonHeaders: Members = {
  'schema-version': { ...text, description: 'Every message of Signalbox has it: "1".' },
  traceparent: { ...text, description: 'W3C trace context.' },
};
const handledHeaders: Members = {
  tries: { type: 'integer', description: 'How often it has failed.' },
};
const requestHeaders: Members = {
  deadline: { type: 'integer', description: 'Unix ms after which the reply is not wanted any more.' },
};

/** The AsyncAPI 3 description of all messages, from the schemas that decide about them. @param version of Signalbox */
export function asyncApiDocument(version: string): Members {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Signalbox messages', version, description: DESCRIPTION },
    defaultContentType: 'application/json',
    servers: {
      rabbitmq: { host: 'localhost:5672', pathname: '/signalbox', protocol: 'amqp', protocolVersion: '0.9.1' },
    },
    channels: {
      ...Object.fromEntries(channels.map((channel) => [channel.id, describeChannel(channel)])),
      replies: {
        address: null,
        description:
          'The key is the `reply_to` of the request: the queue of the requester, `<service>.replies.<id>`. A reply is believed only from the owner that was asked.',
        messages: refer(['error', ...requests().map(replyId)]),
        bindings: amqpBindings(exchanges.replies),
      },
    },
    operations: Object.assign({}, ...channels.map(operationsOf)) as Members,
    components: { messages: describeMessages() },
  };
}

const idOf = ({ id, type }: MessageContract): string => id ?? type!;
const replyId = (request: MessageContract): string => `${idOf(request)}.reply`;
const requests = (): MessageContract[] => channels.flatMap(({ messages }) => messages.filter(({ reply }) => reply));
const refer = (ids: readonly string[]): Members =>
  Object.fromEntries(ids.map((id) => [id, { $ref: `#/components/messages/${id}` }]));
const inChannel = (channel: string, message: string): Members => ({
  $ref: `#/channels/${channel}/messages/${message}`,
});

function describeChannel(channel: ChannelContract): Members {
  const { exchange, key, summary, messages } = channel;
  const queues = queuesOf(channel).map((queue) => `\`${queue}\``);
  const names = [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return {
    address: key,
    summary,
    description:
      queues.length === 0
        ? 'Its queues belong to single processes.'
        : `What is published goes to: ${queues.join(', ')}.`,
    messages: refer(messages.map(idOf)),
    parameters: Object.fromEntries(names.map((name) => [name, { description: parameters[name]! }])),
    bindings: amqpBindings(exchange),
  };
}

const amqpBindings = (exchange: ChannelContract['exchange']): Members => ({
  amqp: { is: 'routingKey', exchange: { ...exchange, durable: true, autoDelete: false, vhost: 'signalbox' } },
});

/** One for each service that sends to the channel or receives from it. */
function operationsOf(channel: ChannelContract): Members {
  const { id, senders, receivers, messages } = channel;
  const common = { channel: { $ref: `#/channels/${id}` }, messages: messages.map((each) => inChannel(id, idOf(each))) };
  const asked = messages.filter(({ reply }) => reply);
  const reply = asked.length > 0 && {
    reply: {
      address: { location: '$message.header#/reply-to' },
      channel: { $ref: '#/channels/replies' },
      messages: [...asked.map(replyId), 'error'].map((each) => inChannel('replies', each)),
    },
  };
  const sending = { amqp: { deliveryMode: channel.persistent ? 2 : 1, mandatory: channel.mandatory ?? false } };
  return Object.fromEntries([
    ...senders.map((service) => [
      `${service}.send.${id}`,
      { action: 'send', ...common, ...reply, tags: [{ name: service }], bindings: sending },
    ]),
    ...receivers.map((service) => [
      `${service}.receive.${id}`,
      { action: 'receive', ...common, ...reply, tags: [{ name: service }], bindings: { amqp: { ack: true } } },
    ]),
  ]) as Members;
}

function describeMessages(): Members {
  const described = channels.flatMap(({ messages, headers = {}, mandatory }) =>
    messages.map((each): [string, JsonValue] => {
      const own = Object.fromEntries(
        Object.entries(headers).map(([name, header]) => [
          name,
          typeof header === 'string' ? { ...text, description: header } : header,
        ]),
      );
      const all = {
        ...commonHeaders,
        ...(mandatory && handledHeaders),
        ...(each.reply && requestHeaders),
        ...own,
      };
      return [idOf(each), describe(each.type, each.summary, each, all)];
    }),
  );
  const replies = requests().map((request): [string, JsonValue] => [
    replyId(request),
    describe('reply', `The reply to \`${request.type}\`.`, request.reply!, commonHeaders),
  ]);
  const error = describe('error', 'The reply to a request that is refused or failed.', refusal, commonHeaders);
  return Object.fromEntries([...described, ...replies, ['error', error]]);
}

const describe = (
  type: string | undefined,
  summary: string,
  { schema, example }: BodyContract,
  headers: Members,
): Members => ({
  ...(type !== undefined && { name: type }),
  summary,
  contentType: 'application/json',
  headers: { type: 'object', properties: headers },
  payload: jsonSchemaOf(schema),
  examples: [{ payload: example as JsonValue }],
  ...(type !== undefined && { bindings: { amqp: { messageType: type } } }),
});
