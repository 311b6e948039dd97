import type { FastifyRequest } from 'fastify';

/**
 * The path that decides who may and whose errors speak: that of the route which will answer, as it was registered, so
 * that no spelling of the URL (`/%73tatus`) is judged as one path and served as another. Where there is no route, the
 * path as it was sent.
 */
export function pathOf(request: FastifyRequest): string {
  const route = request.is404 ? undefined : request.routeOptions.url;
  return route ?? request.url.split('?', 1)[0] ?? '/';
}
