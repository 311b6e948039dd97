import { randomUUID } from 'node:crypto';
import { exchanges } from '@signalbox/contracts/messages';
import type { Amqp } from '@signalbox/messaging';
import type { z } from 'zod';

export interface OwnerQuestion<Answer> {
  /** The service that owns the data. */
  readonly service: string;
  readonly type: string;
  /** Of the request and its repeats. Default: a new one. */
  readonly messageId?: string;
  readonly body: unknown;
  readonly schema: z.ZodType<Answer>;
  /** How long the request is repeated with the same id; the service executes it once. */
  readonly patienceMs: number;
  /**
   * How long to wait for the reply before the request is repeated, so that a lost reply does not use up all the patience. It is also
   * the deadline of the attempt. Default: `patienceMs`, for requests that may execute longer: a repeat would be executed beside them.
   */
  readonly attemptMs?: number;
}

/** Sends a request to the service that owns the data. @throws RequestError */
export function askOwner<Answer>(
  amqp: Amqp,
  { service, patienceMs, attemptMs = patienceMs, ...question }: OwnerQuestion<Answer>,
): Promise<Answer> {
  return amqp.request({
    exchange: exchanges.requests.name,
    routingKey: service,
    messageId: randomUUID(),
    ...question,
    timeoutMs: attemptMs,
    repeatForMs: patienceMs,
  });
}
