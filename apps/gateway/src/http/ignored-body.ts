import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

interface RouteFacts {
  readonly ignoresBody?: true;
}

/** A route whose document gives a body no meaning: whatever is sent along is thrown away. */
export const IgnoresBody = (): MethodDecorator => RouteConfig({ ignoresBody: true } satisfies RouteFacts);

export const ignoresBody = ({ routeOptions }: FastifyRequest): boolean =>
  (routeOptions.config as RouteFacts).ignoresBody === true;

/** For Fastify there is none then; what comes is read and forgotten. */
export function forgetBody({ headers, raw }: FastifyRequest): void {
  for (const name of ['content-type', 'content-length', 'transfer-encoding']) delete headers[name];
  raw.resume();
}
