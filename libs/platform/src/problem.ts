import { STATUS_CODES } from 'node:http';

/** Media type of a problem body. */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export interface ProblemOptions {
  /** HTTP status. */
  readonly status: number;
  /** Stable and in snake case, for programs: `outcome_unknown`. */
  readonly code: string;
  /** The kind of problem; default: the phrase of the status. */
  readonly title?: string;
  /** What happened in this case, for people. It must not contain a secret. */
  readonly detail?: string;
  readonly request_id?: string;
  /** Further members, as RFC 9457 allows. */
  readonly [member: string]: unknown;
}

export interface Problem extends ProblemOptions {
  readonly type: string;
  readonly title: string;
}

/**
 * An error body by RFC 9457. `type` is `about:blank` if the code only repeats the status (`not_found` with 404), else
 * `urn:signalbox:problem:<code>`.
 */
export function problem({ status, code, title, detail, request_id, ...members }: ProblemOptions): Problem {
  const phrase = STATUS_CODES[status] ?? 'Error';
  const repeatsStatus = code === phrase.toLowerCase().replaceAll(/[^a-z]+/g, '_');
  return {
    type: repeatsStatus ? 'about:blank' : `urn:signalbox:problem:${code}`,
    title: title ?? phrase,
    status,
    ...(detail !== undefined && { detail }),
    code,
    ...(request_id !== undefined && { request_id }),
    ...members,
  };
}
