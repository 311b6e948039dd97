import type { OpenAPIObject } from '@nestjs/swagger';
import { problemDetails } from '@signalbox/contracts/http';
import { PROBLEM_CONTENT_TYPE } from '@signalbox/platform';
import { openApiSchema } from './json-schema.js';
import { withHeaders } from './response-headers.js';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** By any of these a caller is identified. A change by a session needs its CSRF token, too. */
const READING = [{ key: [] }, { bearer: [] }, { basic: [] }, { session: [] }];
const WRITING = [{ key: [] }, { bearer: [] }, { basic: [] }, { session: [], csrf: [] }];

/** Clients of the documented API find the datasources here, too: `listDatasources` is `listDatasourcesOfApi` there. */
const SECOND_PATH = '/api/v1/';

const asProblem = {
  headers: withHeaders('X-Request-Id'),
  content: { [PROBLEM_CONTENT_TYPE]: { schema: openApiSchema(problemDetails, 'output') } },
};

/** Answers that any operation may give. */
export const commonResponses = {
  RequestTimeout: {
    description:
      'The head did not come within 10 s, a body did not go on for 10 s, or the whole request took 60 s. The connection is closed.',
    ...asProblem,
  },
  HeadTooLarge: {
    description:
      'The head of the request is larger than 16 KiB. It is not read, so the answer is a problem on each path. The connection is closed.',
    ...asProblem,
  },
};

/** Completes each operation: the credentials that it requires, and an id of its own where a route has two paths. */
export function completeOperations(
  paths: OpenAPIObject['paths'],
  isPublic: (path: string, method: string) => boolean,
): void {
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      operation.security = securityOf(method, isPublic(path, method.toUpperCase()));
      operation.responses['408'] = { $ref: '#/components/responses/RequestTimeout' };
      operation.responses['431'] = { $ref: '#/components/responses/HeadTooLarge' };
      if (path.startsWith(SECOND_PATH)) operation.operationId += 'OfApi';
    }
  }
}

function securityOf(method: string, isPublic: boolean): typeof READING | typeof WRITING | [] {
  if (isPublic) return [];
  return method === 'get' ? READING : WRITING;
}
