import type { IncomingMessage } from 'node:http';
import { currentTrace, type Logger } from '@signalbox/platform';
import type { FastifyInstance } from 'fastify';
import { pathAsSent } from './request-path.js';

/** The path is the client's. */
const MOST_OF_PATH = 1_000;
const NO_ROUTE = '(none)';

export interface Answered {
  /** The template. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  /** Of the body; undefined where its length was not said. */
  readonly bytes: number | undefined;
  readonly keyId: string | undefined;
  /** Undefined where the answer has none. */
  readonly requestId: string | undefined;
}

/** What is known of a request only while it is handled. */
interface Begun {
  readonly address: string | undefined;
  readonly traceId: string | undefined;
}

export interface AccessLogOptions {
  readonly logger: Logger;
  /** `SIGNALBOX_ACCESS_LOG` */
  readonly isOn: boolean;
  /** That of the other end of the connection unless given. */
  readonly addressOf?: AddressOf;
}

/** Where a request comes from; undefined where the client has left. */
type AddressOf = (request: IncomingMessage) => string | undefined;

const addressOfPeer: AddressOf = ({ socket }) => socket.remoteAddress;

/** One line for each answered request. Who answers has none of these while it is off, so that it costs nothing. */
export class AccessLog {
  private readonly begun = new WeakMap<IncomingMessage, Begun>();

  private constructor(
    private readonly logger: Logger,
    private readonly level: 'info' | 'debug',
    private readonly addressOf: AddressOf,
  ) {}

  /** Undefined where nothing would be logged. */
  static of({ logger, isOn, addressOf = addressOfPeer }: AccessLogOptions): AccessLog | undefined {
    if (isOn) return new AccessLog(logger, 'info', addressOf);
    return logger.isLevelEnabled('debug') ? new AccessLog(logger, 'debug', addressOf) : undefined;
  }

  /** For all that Fastify answers. The trace begins in a hook that was added before. */
  watch(server: FastifyInstance): void {
    server.addHook('onRequest', (request, _reply, done) => {
      this.begun.set(request.raw, { address: request.ip, traceId: currentTrace()?.traceId });
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      const length = reply.getHeader('content-length');
      this.write(request.raw, {
        route: request.routeOptions.url ?? NO_ROUTE,
        status: reply.statusCode,
        ms: reply.elapsedTime,
        bytes: length === undefined ? undefined : Number(length),
        keyId: request.caller?.id,
        requestId: request.id,
      });
      done();
    });
  }

  write(request: IncomingMessage, { route, status, ms, bytes, keyId, requestId }: Answered): void {
    const { address, traceId } = this.begun.get(request) ?? {
      address: this.addressOf(request),
      traceId: undefined,
    };
    this.logger[this.level](
      {
        method: request.method,
        route,
        path: pathAsSent(request).slice(0, MOST_OF_PATH),
        status,
        ms: Math.round(ms * 1_000) / 1_000,
        bytes,
        key_id: keyId ?? null,
        address,
        request_id: requestId,
        ...(traceId !== undefined && { trace_id: traceId }),
      },
      'request answered',
    );
  }
}
