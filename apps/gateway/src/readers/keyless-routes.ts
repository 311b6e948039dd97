import { hostname } from 'node:os';
import { readersUnserved } from '@signalbox/contracts/http';
import { sendProblem } from '@signalbox/platform';
import type { FastifyInstance } from 'fastify';
import type { CachedBody } from '../http/caching/cached-body.js';
import { cachedAnswer, sendAnswer } from '../http/plain-answer.js';
import { takeSlashesAsParameter } from '../http/one-parameter.js';
import { ignoreTrailingSlashes } from '../http/trailing-slash.js';
import { serveReader, type KeylessReader } from './keyless-reader.js';
import { isOwnHost } from './own-host.rules.js';

/** Not a name: browsers take the first one for this machine, whatever page they are on. */
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

const unserved = readersUnserved.flatMap(({ paths, methods = [], why }) =>
  paths.flatMap((path) => methods.map((method) => [method, path, why] as const)),
);

/** The answers of the keyless management routes, available once the application runs. */
export interface ManagementAnswers {
  now(): CachedBody;
}

export interface KeylessOptions {
  readonly answers: () => ManagementAnswers | undefined;
  readonly reader: () => KeylessReader | undefined;
  /** The address that the management server listens on. */
  readonly host: string;
  /** Further values of `Host` that are taken. */
  readonly hosts: readonly string[];
}

/**
 * The readers' management routes without a key, for clients that cannot send headers. They are served only if the
 * operator enabled them, on the management port, which is bound to loopback by default.
 */
export function keylessRoutes({ answers, reader, host, hosts }: KeylessOptions) {
  const names = [host, hostname()].filter((name) => !EVERY_ADDRESS.has(name)).map((name) => name.toLowerCase());
  return (server: FastifyInstance): void => {
    takeSlashesAsParameter(server.server, ['/config', '/reader']);
    ignoreTrailingSlashes(server.server);
    // A scope of its own: probes and Prometheus reach the other routes by names that this process does not know.
    server.register((scope, _options, done) => {
      scope.addHook('onRequest', async (request, reply) => {
        const { localAddress: address = '', localPort: port = 0 } = request.socket;
        if (isOwnHost(request.headers.host, { address, port, names, hosts })) return;
        await sendProblem(reply, {
          status: 421,
          code: 'misdirected_request',
          detail: `This server is not ${request.headers.host ?? 'named'}. SIGNALBOX_KEYLESS_HOSTS lists further names.`,
          request_id: request.id,
        });
      });
      scope.get('/status', ({ headers }, reply) => {
        const ready = answers();
        if (ready === undefined) void reply.code(503).send({ status: 'not_ready' });
        else sendAnswer(reply, cachedAnswer(ready.now(), headers['if-none-match']));
      });
      serveReader(scope, reader);
      for (const [method, url, detail] of unserved)
        scope.route({
          method,
          url,
          handler: ({ id }, reply) =>
            sendProblem(reply, { status: 501, code: 'not_implemented', detail, request_id: id }),
        });
      done();
    });
  };
}
