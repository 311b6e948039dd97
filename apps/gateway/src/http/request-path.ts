import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';

/**
 * The path that decides the required role and the error shape: the registered path of the matching route, so that no
 * spelling of the URL (`/%73tatus`) is authorised as one path and served as another. Without a route, the path as sent.
 */
export function pathOf(request: FastifyRequest): string {
  const route = request.is404 ? undefined : request.routeOptions.url;
  return route ?? request.url.split('?', 1)[0] ?? '/';
}

/** Not normalized: it may name a route in another spelling. */
export const pathAsSent = ({ url = '/' }: Pick<IncomingMessage, 'url'>): string => url.split('?', 1)[0] ?? '/';
