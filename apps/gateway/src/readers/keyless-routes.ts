import { hostname } from 'node:os';
import { readersUnserved } from '@signalbox/contracts/http';
import { sendProblem } from '@signalbox/platform';
import type { FastifyInstance } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { askedFor } from '../http/caching/asked.js';
import { ApiError } from '../http/errors/api-error.js';
import { takeSlashesAsParameter } from '../http/one-parameter.js';
import { sendAnswer } from '../http/plain-answer.js';
import { ignoreTrailingSlashes } from '../http/trailing-slash.js';
import type { ManagementAnswers } from './management-answers.js';
import { isOwnHost } from './own-host.rules.js';

/** Not a name: browsers take the first one for this machine, whatever page they are on. */
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

const starting = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'not_ready',
    detail: 'This gateway is starting.',
    headers: { 'retry-after': '2' },
  });

const unserved = readersUnserved.flatMap(({ paths, methods = [], why }) =>
  paths.flatMap((path) => methods.map((method) => [method, path, why] as const)),
);

/** An id may have slashes: see `takeSlashesAsParameter`. */
interface OfReader {
  readonly Params: { readonly reader_id: string };
}

export interface KeylessOptions {
  /** Undefined while the application starts. */
  readonly answers: () => ManagementAnswers | undefined;
  /** The address that the management server listens on. */
  readonly host: string;
  /** Further values of `Host` that are taken. */
  readonly hosts: readonly string[];
}

/**
 * The readers' management routes without a key, for clients that cannot send headers. They are served only if the
 * operator enabled them, on the management port, which is bound to loopback by default.
 */
export function keylessRoutes({ answers, host, hosts }: KeylessOptions) {
  const names = [host, hostname()].filter((name) => !EVERY_ADDRESS.has(name)).map((name) => name.toLowerCase());
  return (server: FastifyInstance): void => {
    ignoreTrailingSlashes(server.server);
    // Comes before it: an id may end with a slash.
    takeSlashesAsParameter(server.server, ['/config', '/reader']);
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
      scope.setErrorHandler((error, { id }, reply) => {
        // The server itself logs others, and answers them.
        if (!(error instanceof ApiError)) throw error;
        const { status, code, message: detail, suggestion, headers } = error;
        const more = suggestion !== undefined && { suggestion };
        void sendProblem(reply.headers(headers), { status, code, detail, request_id: id, ...more });
      });
      const ready = (): ManagementAnswers => {
        const found = answers();
        if (found === undefined) throw starting();
        return found;
      };
      scope.get('/status', async (request, reply) => {
        sendAnswer(reply, await ready().status(askedFor(request)));
        return reply;
      });
      scope.get('/reader_groups', async (request, reply) => {
        sendAnswer(reply, await ready().groups(askedFor(request)));
        return reply;
      });
      scope.get<OfReader>('/config/:reader_id', ({ params }, reply) => {
        void reply.header('cache-control', 'no-store');
        return ready().configOf(params.reader_id);
      });
      scope.delete<OfReader>('/reader/:reader_id', async ({ params, id, ip }, reply) => {
        await ready().stop(params.reader_id, askedBy({ caller: null, id, ip }));
        return reply.code(204).send();
      });
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
