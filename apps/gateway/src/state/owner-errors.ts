import { ApiError } from '../http/errors/api-error.js';

/** Before the first snapshot. @param unknown what this process does not know, as in `which readers there are` */
export const nothingReceived = (service: string, unknown: string): ApiError =>
  new ApiError({
    status: 503,
    code: 'not_ready',
    detail: `This gateway has received nothing from ${service} yet and does not know ${unknown}.`,
    suggestion: `Try again in a moment. If the error stays, check that ${service} runs.`,
    headers: { 'retry-after': '2' },
  });

/** The owner of the data cannot be asked to change it. */
export const ownerNotReached = (service: string): ApiError =>
  new ApiError({
    status: 503,
    code: 'not_sent',
    detail: `${service} cannot be reached. Nothing was changed.`,
    suggestion: 'Try again in a moment.',
    headers: { 'retry-after': '5' },
  });
