import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors/api-error.js';
import { isDeeperJson } from './json-depth.rules.js';

/** More than any documented body has. What reads or writes a body goes down with each level, and its stack is bounded. */
const MAX_DEPTH = 64;

const tooDeep = (): ApiError =>
  new ApiError({
    status: 400,
    code: 'invalid_request',
    detail: `The body is nested too deeply: at most ${MAX_DEPTH} levels are read.`,
  });

/** Reads JSON, and nothing else. Its depth is checked before it is parsed: deep JSON takes long to parse and longer to walk. */
export function parseJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (isDeeperJson(body, MAX_DEPTH)) done(tooDeep());
    else void parse(request, body.toString(), done);
  });
}
