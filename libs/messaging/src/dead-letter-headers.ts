import type { DeadLetterOptions } from './options.js';

const MAX_DETAIL = 1_000;
/** Of the sender's own headers only small scalars are kept: a table too large to encode could never be dead-lettered. */
const MAX_KEPT = 20;
const MAX_KEPT_LENGTH = 256;

/** What AMQP calls a short string holds 255 bytes; bytes that were no UTF-8 may have grown when they were read. */
export function shortString(text: string): string {
  if (Buffer.byteLength(text) <= 255) return text;
  return Buffer.from(text)
    .subarray(0, 252)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}

/** The headers of a dead letter: the reason, the time, the source, the sender, and the sender's own headers. */
export function deadLetterHeaders(
  { reason, detail, source, sender = source.sender }: DeadLetterOptions,
  now: Date,
): Record<string, unknown> {
  return {
    ...keptHeaders(source.headers),
    'x-reason': reason,
    'x-detail': detail.slice(0, MAX_DETAIL),
    'x-source-queue': source.queue,
    'x-source-exchange': source.exchange,
    'x-source-routing-key': source.routingKey,
    ...(sender !== undefined && { 'x-sender': shortString(sender) }),
    'x-tries': source.tries,
    'x-parked-at': now.toISOString(),
  };
}

/** Of a sender's headers what is passed on: not the broker's notes of its way, nor our own of its tries. */
export function keptHeaders(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fits = ([name, value]: [string, unknown]): boolean =>
    name.length <= 100 &&
    !/^(x-|cc$|bcc$|tries$|origin-)/i.test(name) &&
    (typeof value === 'number' ||
      typeof value === 'boolean' ||
      (typeof value === 'string' && value.length <= MAX_KEPT_LENGTH));
  return Object.fromEntries(Object.entries(headers).filter(fits).slice(0, MAX_KEPT));
}
