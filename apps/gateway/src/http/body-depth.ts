import type { FastifyRequest } from 'fastify';
import { ApiError } from './errors/api-error.js';

/** More than any documented body has. What reads or writes a body goes down with each level, and its stack is bounded. */
const MAX_DEPTH = 64;

/** @throws ApiError 400 where objects and arrays are nested too deeply */
export function refuseDeepBody({ body }: FastifyRequest): void {
  if (isDeeper(body, MAX_DEPTH))
    throw new ApiError({
      status: 400,
      code: 'invalid_request',
      detail: `The body is nested too deeply: at most ${MAX_DEPTH} levels are read.`,
    });
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
