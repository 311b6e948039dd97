import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

interface RouteFacts {
  readonly ignoresBody?: true;
}

/** The configuration of a route whose document gives a body no meaning. A body that is sent is discarded. */
export const ignoringBody = { ignoresBody: true } as const satisfies RouteFacts;

export const IgnoresBody = (): MethodDecorator => RouteConfig(ignoringBody);

export const ignoresBody = ({ routeOptions }: FastifyRequest): boolean =>
  (routeOptions.config as RouteFacts).ignoresBody === true;

/** Hides the body from Fastify and discards it. */
export function hideBody({ headers, raw }: FastifyRequest): void {
  for (const name of ['content-type', 'content-length', 'transfer-encoding']) delete headers[name];
  raw.resume();
}
