import type { ApiError } from './api-error.js';

export interface ShapedError {
  readonly contentType: string;
  readonly body: unknown;
}

/** The error body of one documented API. A feature passes its shape with its route policies. */
export type ErrorShape = (error: ApiError, requestId: string) => ShapedError;

export const jsonError = (body: unknown): ShapedError => ({ contentType: 'application/json; charset=utf-8', body });
