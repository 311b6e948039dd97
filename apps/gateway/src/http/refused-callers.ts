import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ApiError, ErrorCode } from './errors/api-error.js';

type Listener = (request: FastifyRequest, code: ErrorCode) => void;

/** Hands features the requests that a known caller was refused because it may not do that. */
@Injectable()
export class RefusedCallers {
  private readonly listeners: Listener[] = [];

  add(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** Each answer that is an error. */
  answered(request: FastifyRequest, { status, code }: ApiError): void {
    if (status === 403 && request.caller !== null && (code === 'insufficient_role' || code === 'insufficient_scope'))
      for (const listener of this.listeners) listener(request, code);
  }
}
