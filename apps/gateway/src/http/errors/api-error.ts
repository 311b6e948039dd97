import type { ErrorCode } from './error-codes.js';

export type { ErrorCode } from './error-codes.js';

/** What is wrong with one part of a request. */
export interface FieldProblem {
  /** Where, as `members.0.name`; empty for the whole. */
  path: string;
  message: string;
}

export interface ApiErrorOptions {
  status: number;
  code: ErrorCode;
  /** What happened, for people; without secrets. */
  detail: string;
  /** What the caller can do about it. */
  suggestion?: string;
  headers?: Record<string, string>;
  fields?: FieldProblem[];
  /** Further facts, for programs: shown where the API's shape has a place for them. */
  details?: Readonly<Record<string, number>>;
  /** What was thrown before, for the log: no answer contains it. */
  cause?: unknown;
}

/** Whether what was asked for may have been done. */
export const isOutcomeUnknown = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'outcome_unknown';

/** An answer that is an error. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly suggestion: string | undefined;
  readonly headers: Record<string, string>;
  readonly fields: FieldProblem[] | undefined;
  readonly details: Readonly<Record<string, number>> | undefined;

  constructor({ status, code, detail, suggestion, headers = {}, fields, details, cause }: ApiErrorOptions) {
    super(detail, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.suggestion = suggestion;
    this.headers = headers;
    this.fields = fields;
    this.details = details;
  }
}
