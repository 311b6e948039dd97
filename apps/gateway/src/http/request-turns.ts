import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { finalize, type Observable } from 'rxjs';
import { onceAnswerEnds } from './answer-ends.js';
import { USUAL_BODY_BYTES } from './body-routes.js';
import { callerName } from './caller.js';
import { mayChange } from './changes.js';
import { pathOf } from './request-path.js';
import { RoutePolicies } from './route-policies.js';
import type { Turn } from './turns/turn.js';
import { Turns } from './turns/turns.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the request needs none. */
    turn: Turn | null;
  }
}

/** Lets each request begin when its class of work has a place for it, which it keeps until there is an answer and its handler has ended. */
@Injectable()
export class RequestTurns implements NestInterceptor {
  constructor(
    private readonly policies: RoutePolicies,
    private readonly turns: Turns,
  ) {}

  /** A promise only where the request has to wait. @throws ApiError 429, 503 */
  take(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const { method } = request;
    const work = this.policies.workOf({ path: pathOf(request), method, isChange: mayChange(request) });
    if (work === 'immediate') return undefined;
    const turn = this.turns.take({
      work,
      caller: callerName(request),
      onGone: (listener) => onceAnswerEnds(request.raw, reply.raw, listener),
    });
    if (turn instanceof Promise) return turn.then((begun) => hold(begun, request, reply));
    hold(turn, request, reply);
    return undefined;
  }

  /**
   * Lets others have its place while its body is to come: a client may send it as slowly as it likes. Not that of a large body, so that no more of them
   * are in memory than may be at work.
   */
  awaitBody({ raw, turn, routeOptions }: FastifyRequest): void {
    if (!raw.complete && routeOptions.bodyLimit <= USUAL_BODY_BYTES) turn?.rest();
  }

  /** Learns of each body and each answer. To be called before routes are registered. */
  watch(server: FastifyInstance): void {
    server.addHook('preValidation', (request, _reply, done) => {
      if (request.turn === null) done();
      else request.turn.resume(done);
    });
    server.addHook('onSend', (request, _reply, payload, done) => {
      request.turn?.answered();
      done(null, payload);
    });
  }

  /** A handler goes on after its client has left. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { turn } = context.switchToHttp().getRequest<FastifyRequest>();
    return turn === null ? next.handle() : next.handle().pipe(finalize(turn.hold()));
  }
}

function hold(turn: Turn, request: FastifyRequest, reply: FastifyReply): void {
  request.turn = turn;
  onceAnswerEnds(request.raw, reply.raw, () => turn.sent());
}
