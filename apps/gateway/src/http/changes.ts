import type { FastifyRequest } from 'fastify';

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** Whether the request may change something: any method but those of reads, and the one read that changes something (`?reload=true`). */
export const mayChange = ({ method, query }: Pick<FastifyRequest, 'method' | 'query'>): boolean =>
  !isRead(method) || (typeof query === 'object' && query !== null && 'reload' in query);
