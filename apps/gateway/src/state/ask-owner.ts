import { randomUUID } from 'node:crypto';
import { exchanges } from '@signalbox/contracts/messages';
import type { Amqp } from '@signalbox/messaging';
import type { z } from 'zod';

export interface OwnerQuestion<Answer> {
  /** The service that is asked. */
  readonly service: string;
  readonly type: string;
  readonly body: unknown;
  readonly schema: z.ZodType<Answer>;
  /** How long it is asked, again and again; it remembers what it has done. */
  readonly patienceMs: number;
}

/** Asks a service for what only it may do or knows. @throws RequestError */
export function askOwner<Answer>(
  amqp: Amqp,
  { service, patienceMs, ...question }: OwnerQuestion<Answer>,
): Promise<Answer> {
  return amqp.request({
    exchange: exchanges.requests.name,
    routingKey: service,
    messageId: randomUUID(),
    ...question,
    timeoutMs: patienceMs,
    repeatForMs: patienceMs,
  });
}
