import { Injectable } from '@nestjs/common';
import type { Caller } from './caller.js';
import type { ApiError } from './errors/api-error.js';

/** A request that was refused. */
export interface Refusal {
  readonly error: ApiError;
  /** Null: not known. */
  readonly caller: Caller | null;
  /** That it came from. */
  readonly address: string;
  /** Undefined where it was not looked at. */
  readonly method?: string | undefined;
  /** The template of the path; `(none)` without a route, `(refused)` where it was not looked up. */
  readonly route: string;
  /** The id of the request, or a new one where the client gets no answer. */
  readonly id: () => string;
}

type Listener = (refusal: Refusal) => void;

const STATUSES = new Set([401, 403, 429]);
/** Of other statuses. */
const CODES = new Set<string>(['access_unverified']);

/** Hands features the requests that are refused for who sent them: no or wrong credential, not allowed, too many, not verified. */
@Injectable()
export class Refusals {
  private readonly listeners: Listener[] = [];

  add(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** Each request whose answer is an error, or is left out. */
  answered(refusal: Refusal): void {
    const { status, code } = refusal.error;
    if (STATUSES.has(status) || CODES.has(code)) for (const listener of this.listeners) listener(refusal);
  }
}
