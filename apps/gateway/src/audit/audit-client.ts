import { Injectable } from '@nestjs/common';
import { auditReply, journalRequestTypes, type AuditEntry, type AuditRequest } from '@signalbox/contracts/messages';
import { Amqp, RequestError } from '@signalbox/messaging';
import { ApiError } from '../http/errors/api-error.js';
import { askOwner } from '../state/ask-owner.js';

const PATIENCE_MS = 10_000;
/** Each request is a short query. */
const ATTEMPT_MS = 3_000;

/** Reads the audit trail, which the journal keeps. */
@Injectable()
export class AuditClient {
  constructor(private readonly amqp: Amqp) {}

  /** @throws ApiError 503, 504 */
  async page(request: AuditRequest): Promise<AuditEntry[]> {
    try {
      const { entries } = await askOwner(this.amqp, {
        service: 'journal',
        type: journalRequestTypes.auditPage,
        body: request,
        schema: auditReply,
        patienceMs: PATIENCE_MS,
        attemptMs: ATTEMPT_MS,
      });
      return entries;
    } catch (error) {
      throw error instanceof RequestError ? asApiError(error) : error;
    }
  }
}

function asApiError(error: RequestError): unknown {
  const suggestion = 'Try again in a moment.';
  if (error.maybeDone)
    return new ApiError({
      status: 504,
      code: 'not_ready',
      detail: 'The journal, which keeps the audit trail, did not answer in time.',
      suggestion,
    });
  if (error.remoteCode === 'storage_unavailable')
    return new ApiError({ status: 503, code: 'storage_unavailable', detail: error.message });
  if (error.code === 'refused') return error;
  return new ApiError({
    status: 503,
    code: 'not_sent',
    detail: 'The journal, which keeps the audit trail, cannot be reached.',
    suggestion,
    headers: { 'retry-after': '5' },
  });
}
