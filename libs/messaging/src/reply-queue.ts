import { randomUUID } from 'node:crypto';

import type { Topology } from './topology.js';

/** A new queue for the replies to a process, which dies with its connection, and what it is bound to. */
export function replyQueue(process: string, exchange: string): { readonly name: string; readonly topology: Topology } {
  const name = `${process}.replies.${randomUUID()}`;
  const topology: Topology = {
    exchanges: [{ name: exchange, type: 'topic' }],
    queues: [{ name, durable: false, exclusive: true, autoDelete: true, arguments: { 'x-queue-type': 'classic' } }],
    bindings: [{ exchange, queue: name, key: name }],
  };
  return { name, topology };
}

/** Whether a queue has the name of one for replies. */
export const isReplyQueue = (name: string): boolean => /^[\w.-]{1,200}\.replies\.[\da-f-]{36}$/.test(name);
