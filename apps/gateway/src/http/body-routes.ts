import type { INestApplication } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ModulesContainer } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Bytes that a body has at most where its route does not take a large one. */
export const USUAL_BODY_BYTES = 65_536;

/** The routes whose bodies may be as large as `SIGNALBOX_BODY_SIZE_LIMIT_BYTES`. */
type BodySize = 'usual' | 'large';

interface RouteFacts {
  readonly body?: BodySize;
}

/** A route with a body of more than 64 KiB. */
export const TakesLargeBody = (): MethodDecorator => RouteConfig({ body: 'large' } satisfies RouteFacts);

/** Whether the route reads the body of its requests. */
export const takesBody = ({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): boolean =>
  (routeOptions.config as RouteFacts).body !== undefined;

/**
 * Notes which routes read a body: those whose method has a parameter with `@Body()`. All others never read one. To be called before the
 * routes are registered.
 */
export function noteBodyRoutes(app: INestApplication): void {
  for (const { controllers } of app.get(ModulesContainer).values())
    for (const { metatype } of controllers.values()) if (typeof metatype === 'function') noteRoutesOf(metatype);
}

/** Bounds the bodies of the routes. @param largest bytes */
export function limitBodies(server: FastifyInstance, largest: number): void {
  server.addHook('onRoute', (route) => {
    const { body } = (route.config ?? {}) as RouteFacts;
    route.bodyLimit = body === 'large' ? largest : Math.min(USUAL_BODY_BYTES, largest);
  });
}

// eslint-disable-next-line typescript/no-unsafe-function-type -- a class, as Nest has it
function noteRoutesOf(controller: Function): void {
  const prototype = controller.prototype as Record<string, object>;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<string, unknown>;
    // The names of the parameters are `<kind>:<index>`.
    if (!Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`))) continue;
    const method = prototype[name]!;
    const config = (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, method) ?? {}) as RouteFacts;
    const noted: RouteFacts = { body: 'usual', ...config };
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, noted, method);
  }
}
