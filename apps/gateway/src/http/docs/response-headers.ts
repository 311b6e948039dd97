import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Headers = Readonly<Record<string, { readonly $ref: string }>>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;

/** The headers of answers that clients may use, under their names in the document. */
export const headerComponents = {
  'X-Request-Id': { description: 'The id of the request, which logs and errors have.', required: true, schema: text },
  ETag: { description: 'The version of what is answered.', required: true, schema: text },
  Location: { description: 'The path of what was created or started.', required: true, schema: text },
  'Signalbox-Credentials-Dropped': {
    description:
      'Connections, separated by commas, whose stored credentials were dropped because the change gave them another target (a server or an ' +
      'account) and no credentials for it. After twenty names `...` stands for the others.',
    schema: text,
  },
  'WWW-Authenticate': { description: '`Bearer`.', required: true, schema: text },
  'Retry-After': { description: 'Seconds after which to try again.', schema: count },
  'Accept-Encoding': { description: '`identity`: the body was compressed, and may not be.', schema: text },
  'X-RateLimit-Limit': { description: 'Requests that the key has in an hour.', schema: count },
  'X-RateLimit-Remaining': { description: 'How many of them are left.', schema: count },
  'X-RateLimit-Reset': { description: 'When the next hour begins, Unix seconds.', schema: count },
  RateLimit: { description: 'What is left (draft-ietf-httpapi-ratelimit-headers).', schema: text },
  'RateLimit-Policy': { description: 'What is allowed (draft-ietf-httpapi-ratelimit-headers).', schema: text },
} as const;

export type HeaderName = keyof typeof headerComponents;

/** For the documentation of an answer: the headers that it has. */
export const withHeaders = (...names: HeaderName[]): Headers =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const RATE_LIMITS = [
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'RateLimit',
  'RateLimit-Policy',
] as const;

/**
 * Adds the headers that answers have whatever the route is. A route names only its own ones.
 * @param isCounted whether requests of the path are counted
 */
export function addResponseHeaders({ paths }: OpenAPIObject, isCounted: (path: string) => boolean): void {
  for (const [path, item] of Object.entries(paths))
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const limits = isCounted(path) && '401' in operation.responses ? RATE_LIMITS : [];
      add(operation, limits);
    }
}

function add({ responses }: Operation, limits: readonly HeaderName[]): void {
  for (const [status, response] of Object.entries(responses)) {
    if (response === undefined || '$ref' in response) continue;
    response.headers = { ...response.headers, ...withHeaders('X-Request-Id', ...namesOf(status)) };
    // Also an error may come after the request was counted.
    if (status !== '401') Object.assign(response.headers, withHeaders(...limits));
  }

  function namesOf(status: string): readonly HeaderName[] {
    if (status === '304' || (status === '200' && '304' in responses)) return ['ETag'];
    if (status === '401') return ['WWW-Authenticate'];
    if (status === '415') return ['Accept-Encoding'];
    return ['429', '503'].includes(status) ? ['Retry-After'] : [];
  }
}
