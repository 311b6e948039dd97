export { AmqpContext } from './amqp-context.js';
export { AmqpHandlersModule, handlerProviders, type AmqpHandlersOptions } from './amqp-handlers.module.js';
export { AmqpStrategy, type AmqpStrategyOptions, type HandledQueue } from './amqp-strategy.js';
export { CommandPattern } from './command-pattern.js';
export { InfrastructureModule, schemaOf, type InfrastructureOptions } from './infrastructure.module.js';
export { NestLogger } from './nest-logger.js';
export { nestService, type NestServiceOptions } from './nest-service.js';
export { platformModule, type PlatformParts } from './platform.module.js';
