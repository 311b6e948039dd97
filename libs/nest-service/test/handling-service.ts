import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { exchanges, handlersTopology } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { collectLogs, type TestBroker } from '@signalbox/testing';
import { AmqpHandlersModule, AmqpStrategy, type AmqpHandlersOptions } from '../src/index.js';

export interface HandlingServiceOptions {
  readonly broker: TestBroker;
  readonly handlers: AmqpHandlersOptions;
  readonly controller: Type;
  /** What the controller can inject besides `Amqp`. */
  readonly provider?: Provider & { readonly provide: Type };
}

@Module({})
class Root {}

/** A service inside the test, whose controller handles requests and commands on the broker of the test. */
export class HandlingService {
  private constructor(
    readonly amqp: Amqp,
    private readonly app: { close(): Promise<void> },
  ) {}

  static async start(options: HandlingServiceOptions): Promise<HandlingService> {
    const { service } = options.handlers;
    const amqp = new Amqp({
      url: options.broker.url,
      name: service,
      logger: collectLogs().logger,
      topology: handlersTopology(service),
      deadLetters: { exchange: exchanges.deadLetters.name },
    });
    await amqp.open();
    const app = await NestFactory.createMicroservice(rootOf(amqp, options), {
      logger: false,
      inject: [AmqpStrategy],
      useFactory: (strategy: AmqpStrategy) => ({ strategy }),
    });
    await app.listen();
    return new HandlingService(amqp, app);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.amqp.close();
  }
}

function rootOf(amqp: Amqp, { handlers, controller, provider }: HandlingServiceOptions): DynamicModule {
  const infrastructure = {
    module: class Infrastructure {},
    global: true,
    providers: [{ provide: Amqp, useValue: amqp }, ...(provider ? [provider] : [])],
    exports: [Amqp, ...(provider ? [provider.provide] : [])],
  };
  return { module: Root, imports: [infrastructure, AmqpHandlersModule.register(handlers)], controllers: [controller] };
}
