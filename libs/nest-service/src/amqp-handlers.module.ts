import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { commandsQueue, requestsQueue, retryPath } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { AmqpStrategy, type HandledQueue } from './amqp-strategy.js';
import { HANDLERS_AT_ONCE } from './capacity.js';
import { messagePipe } from './message-pipe.js';
import { PassErrorsFilter } from './pass-errors.filter.js';

export interface AmqpHandlersOptions {
  /** The service's name, which names its two queues: see `handlersTopology`, which its topology must contain. */
  readonly service: string;
  /** False for a service without commands: its topology must contain `answersTopology` only. */
  readonly hasCommands?: boolean;
  /** The largest message that is read, bytes; default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * Messages of one queue that handlers work on at once; default `HANDLERS_AT_ONCE`, which suits handlers that need the database.
   * More is for a service whose handlers mostly wait for other systems.
   */
  readonly prefetch?: number;
  /** Further queues, of events: see `HandledQueue.only`. */
  readonly events?: readonly (HandledQueue & Required<Pick<HandledQueue, 'only'>>)[];
}

/** What makes handlers run under `AmqpStrategy` as its docstring says: errors go through as they are, bodies are judged. */
export const handlerProviders: Provider[] = [
  { provide: APP_FILTER, useClass: PassErrorsFilter },
  { provide: APP_PIPE, useFactory: messagePipe },
];

/** Lets the controllers of a service answer its requests and execute its commands; give `AmqpStrategy` to `nestService`. */
@Module({})
export class AmqpHandlersModule {
  static register({
    service,
    hasCommands = true,
    maxBytes,
    prefetch = HANDLERS_AT_ONCE,
    events = [],
  }: AmqpHandlersOptions): DynamicModule {
    const commands = commandsQueue(service).name;
    const common = { prefetch, ...(maxBytes !== undefined && { maxBytes }) };
    const queues = [
      { ...common, queue: requestsQueue(service).name },
      ...(hasCommands ? [{ ...common, queue: commands, retry: retryPath(commands) }] : []),
      ...events.map((queue) => ({ ...common, ...queue })),
    ];
    return {
      module: AmqpHandlersModule,
      global: true,
      providers: [
        { provide: AmqpStrategy, inject: [Amqp], useFactory: (amqp: Amqp) => new AmqpStrategy({ amqp, queues }) },
        ...handlerProviders,
      ],
      exports: [AmqpStrategy],
    };
  }
}
