import type { AskedBy } from '@signalbox/contracts/messages';
import { sendProblem } from '@signalbox/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { toApiError } from '../http/errors/to-api-error.js';

/** What is served of one reader without a key, available once the application runs. */
export interface KeylessReader {
  /** @throws ApiError */
  configOf(readerId: string): Promise<Record<string, unknown>>;
  /** @throws ApiError */
  stop(readerId: string, by: AskedBy): Promise<void>;
}

type OfReader = { Params: { reader_id: string } };

/** The routes of one reader. Its id may have slashes: see `takeSlashesAsParameter`. */
export function serveReader(scope: FastifyInstance, reader: () => KeylessReader | undefined): void {
  const served =
    (work: (ready: KeylessReader, request: FastifyRequest<OfReader>, reply: FastifyReply) => Promise<unknown>) =>
    async (request: FastifyRequest<OfReader>, reply: FastifyReply): Promise<unknown> => {
      const ready = reader();
      if (ready === undefined) return reply.code(503).send({ status: 'not_ready' });
      void reply.header('cache-control', 'no-store');
      try {
        return await work(ready, request, reply);
      } catch (error) {
        const { status, code, message: detail, suggestion, headers } = toApiError(error);
        return sendProblem(reply.headers(headers), {
          status,
          code,
          detail,
          request_id: request.id,
          ...(suggestion !== undefined && { suggestion }),
        });
      }
    };
  scope.get<OfReader>(
    '/config/:reader_id',
    served((ready, { params }) => ready.configOf(params.reader_id)),
  );
  scope.delete<OfReader>(
    '/reader/:reader_id',
    served(async (ready, { params, id, ip }, reply) => {
      await ready.stop(params.reader_id, askedBy({ caller: null, id, ip }));
      return reply.code(204).send();
    }),
  );
}
