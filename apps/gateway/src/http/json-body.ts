import type { FastifyInstance } from 'fastify';
import { USUAL_BODY_BYTES } from './body-routes.js';
import { callerName } from './caller.js';
import { ApiError } from './errors/api-error.js';
import { isDeeperJson } from './json-depth.rules.js';
import { PacedWork } from './paced-work.js';

/** More than any documented body has. What reads or writes a body goes down with each level, and its stack is bounded. */
const MAX_DEPTH = 64;

const tooDeep = (): ApiError =>
  new ApiError({
    status: 400,
    code: 'invalid_request',
    detail: `The body is nested too deeply: at most ${MAX_DEPTH} levels are read.`,
  });

/**
 * Reads JSON, and nothing else. Its depth is checked before it is parsed: deep JSON takes long to parse and longer to walk. To parse a large body, and to handle it, takes
 * long, too: these are paced, and other requests come between the two.
 */
export function parseJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  const large = new PacedWork();
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const read = (handle: typeof done): void => {
      if (isDeeperJson(body, MAX_DEPTH)) handle(tooDeep());
      else void parse(request, body.toString(), handle);
    };
    if (body.length <= USUAL_BODY_BYTES) read(done);
    else large.run(callerName(request), () => read((...parsed) => void setImmediate(done, ...parsed)));
  });
}
