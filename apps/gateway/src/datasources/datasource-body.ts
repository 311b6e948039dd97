import { directBody, endpointBody, type DirectBody, type EndpointBody } from '@signalbox/contracts/http';
import type { z } from 'zod';
import { ApiError } from '../http/errors/api-error.js';
import { invalidMember, invalidRequest } from '../http/errors/invalid-request.js';

const LONGEST_NAME = 100;

type Members = Readonly<Record<string, unknown>>;

/** The body of `POST`: the member that only one kind has selects the kind. @throws ApiError 400 */
export function createBody(body: unknown): DirectBody | EndpointBody {
  const members = membersOf(body);
  const { connection } = members;
  if (typeof connection === 'string' && connection !== 'direct' && connection !== 'endpoint') throw unknownKind();
  if ('endpoint' in members) return checkedBody(endpointBody, members);
  if ('connectionString' in members) return checkedBody(directBody, members);
  const missing = connection === 'endpoint' ? 'endpoint' : 'connectionString';
  throw invalidMember(missing, 'is missing: a datasource has either a connectionString or an endpoint');
}

/** @throws ApiError 400 */
export function checkedBody<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const { data, error } = schema.safeParse(membersOf(body));
  if (error) throw invalidRequest(error.issues.map(toProblem));
  return data;
}

function membersOf(body: unknown): Members {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Members;
  throw invalidRequest([{ message: 'The body must be a JSON object.' }]);
}

/** The name of an unknown member becomes the path of the problem. Names are chosen by the sender, and may be long. */
function toProblem(issue: z.core.$ZodIssue): { path: string[]; message: string } {
  const isUnknown = issue.code === 'unrecognized_keys';
  const path = isUnknown ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  return {
    path: path.map((part) => String(part).slice(0, LONGEST_NAME)),
    message: isUnknown ? 'is not known' : issue.message,
  };
}

const unknownKind = (): ApiError =>
  new ApiError({
    status: 400,
    code: 'wrong_datasource_kind',
    detail: 'connection must be direct or endpoint.',
    fields: [{ path: 'connection', message: 'must be direct or endpoint' }],
  });
