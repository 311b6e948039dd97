import type { FastifyInstance } from 'fastify';
import { USUAL_BODY_BYTES } from './body-routes.js';
import { callerName } from './caller.js';
import { ApiError } from './errors/api-error.js';
import { excessOf, type JsonLimits } from './json-excess.rules.js';
import { PacedWork } from './paced-work.js';

/**
 * More than any documented body has. What reads or writes a body goes down with each level, and its stack is bounded; what has many values takes long
 * in one piece: 2 MB of empty objects 300 ms.
 */
const LIMITS = { levels: 64, commas: 100_000 } satisfies JsonLimits;

const WHY: Readonly<Record<keyof JsonLimits, string>> = {
  levels: `The body is nested too deeply: at most ${LIMITS.levels} levels are read.`,
  commas: `The body has too many members and elements: at most ${LIMITS.commas} are read.`,
};

const tooMuch = (excess: keyof JsonLimits): ApiError =>
  new ApiError({ status: 400, code: 'invalid_request', detail: WHY[excess] });

/**
 * Reads JSON, and nothing else. Its depth and its values are counted before it is parsed: deep JSON takes long to parse and longer to walk. To parse a large body, and to handle it, takes
 * long, too: these are paced, and other requests come between the two.
 */
export function parseJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  const large = new PacedWork();
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const read = (handle: typeof done): void => {
      const excess = excessOf(body, LIMITS);
      if (excess !== undefined) handle(tooMuch(excess));
      else void parse(request, body.toString(), handle);
    };
    if (body.length <= USUAL_BODY_BYTES) read(done);
    else large.run(callerName(request), () => read((...parsed) => void setImmediate(done, ...parsed)));
  });
}
