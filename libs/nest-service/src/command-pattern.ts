import { EventPattern } from '@nestjs/microservices';

/** Nest's `@EventPattern` for a message without a requester, typed so that a handler may name its body and its context. */
export const CommandPattern = (type: string): MethodDecorator => EventPattern(type) as MethodDecorator;
