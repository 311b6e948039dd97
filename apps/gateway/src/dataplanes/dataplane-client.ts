import { Inject, Injectable } from '@nestjs/common';
import {
  auditActions,
  auditOf,
  cancelOperationReply,
  dataplaneRequestTypes as types,
  deleteDataplaneReply,
  restartReply,
  showRestartReply,
  type AskedBy,
  type AuditedAction,
  type CancelOperationRequest,
  type DeleteDataplaneRequest,
  type RestartReply,
  type RestartRequest,
} from '@signalbox/contracts/messages';
import { dataplaneStream, type OperationEntry, type RestartEntry } from '@signalbox/contracts/streams';
import { Amqp, RequestError } from '@signalbox/messaging';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { z } from 'zod';
import { ApiError, type ErrorCode } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { askOwner } from '../state/ask-owner.js';
import { ownerNotReached } from '../state/owner-errors.js';
import { AuditTrail } from '../audit/audit-trail.js';

const PATIENCE_MS = 10_000;
/** Each request is a short query or transaction. */
const ATTEMPT_MS = 3_000;

/** The refusals of dataplane-control as API errors. */
const REFUSALS: Readonly<
  Record<string, { readonly status: number; readonly code: ErrorCode; readonly suggestion?: string }>
> = {
  unknown_dataplane: { status: 404, code: 'dataplane_not_found' },
  restart_in_progress: {
    status: 409,
    code: 'restart_in_progress',
    suggestion: 'Follow that one, or ask for a restart that drains as long: it is joined.',
  },
  dataplane_reports: {
    status: 409,
    code: 'dataplane_reports',
    suggestion: 'Stop its agent first. Where several send reports under this name, stop all.',
  },
  restart_not_ended: { status: 409, code: 'restart_in_progress' },
  unknown_operation: { status: 404, code: 'operation_not_found' },
  operation_ended: { status: 409, code: 'operation_ended' },
  cancel_not_sent: { status: 503, code: 'not_sent', suggestion: 'Ask again in a moment.' },
  key_reused: { status: 422, code: 'idempotency_key_reused' },
  storage_unavailable: { status: 503, code: 'storage_unavailable' },
};

/** What to do after a request that changes something was not answered. */
const REPEATS: Readonly<Record<string, string>> = {
  [types.restart]: 'Ask again with the same Idempotency-Key: what was done is not done twice.',
  [types.cancelOperation]: 'Ask again: an operation is not cancelled twice.',
  [types.deleteDataplane]: 'Ask again: 404 means that it was removed.',
};

/** Sends requests to dataplane-control, which owns dataplanes, restarts and operations. */
@Injectable()
export class DataplaneClient {
  constructor(
    private readonly amqp: Amqp,
    private readonly writes: ReadYourWrites,
    private readonly trail: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when this process shows it, too. @throws ApiError */
  async restart(request: RestartRequest): Promise<RestartReply> {
    const requestedAt = this.clock.now();
    const { dataplane, by, drain_seconds, reason } = request;
    const reply = await this.ask(types.restart, request, restartReply).catch((error: unknown) => {
      const detail = { drain_seconds, reason };
      this.note(by, { at: requestedAt, action: auditActions.restart, resource: dataplane, detail }, error);
      throw error;
    });
    if (reply.seq !== null) await this.writes.visible({ stream: dataplaneStream.name, seq: reply.seq });
    return reply;
  }

  /** Resolves when this process shows it, too. @throws ApiError */
  async cancelOperation(request: CancelOperationRequest): Promise<OperationEntry> {
    const at = this.clock.now();
    const { dataplane: resource, operation_id, by } = request;
    const ask = this.ask(types.cancelOperation, request, cancelOperationReply);
    const { seq, operation } = await ask.catch((error: unknown) => {
      this.note(by, { at, action: auditActions.cancel, resource, detail: { operation_id } }, error);
      throw error;
    });
    if (seq !== null) await this.writes.visible({ stream: dataplaneStream.name, seq });
    return operation;
  }

  /** Resolves when this process does not show it any more. @throws ApiError */
  async deleteDataplane(request: DeleteDataplaneRequest): Promise<void> {
    const at = this.clock.now();
    const { dataplane: resource, by } = request;
    const { seq } = await this.ask(types.deleteDataplane, request, deleteDataplaneReply).catch((error: unknown) => {
      this.note(by, { at, action: auditActions.delete, resource, detail: {} }, error);
      throw error;
    });
    if (seq !== null) await this.writes.visible({ stream: dataplaneStream.name, seq });
  }

  /** Also those that the stream does not show any more. @throws ApiError */
  async showRestart(id: string): Promise<RestartEntry | undefined> {
    return (await this.ask(types.showRestart, { id }, showRestartReply)).restart ?? undefined;
  }

  /** Records a failed action in the audit log. What succeeded is recorded by dataplane-control. */
  private note(by: AskedBy, action: AuditedAction, error: unknown): void {
    const { status, code } = error instanceof ApiError ? error : { status: 500, code: 'internal_error' };
    const result = status === 504 ? 'unknown' : status < 500 ? 'refused' : 'not_sent';
    this.trail.add(auditOf(by, { ...action, result, detail: { why: code, ...action.detail } }));
  }

  private async ask<Answer>(type: string, body: unknown, schema: z.ZodType<Answer>): Promise<Answer> {
    try {
      return await askOwner(this.amqp, {
        service: 'dataplane-control',
        type,
        body,
        schema,
        patienceMs: PATIENCE_MS,
        attemptMs: ATTEMPT_MS,
      });
    } catch (error) {
      throw error instanceof RequestError ? asApiError(error, type) : error;
    }
  }
}

const unanswered = (): ApiError =>
  new ApiError({
    status: 504,
    code: 'not_ready',
    detail: 'dataplane-control did not answer in time.',
    suggestion: 'Try again in a moment.',
  });

function asApiError(error: RequestError, type: string): unknown {
  const suggestion = REPEATS[type];
  if (error.maybeDone) {
    if (suggestion === undefined) return unanswered();
    return new ApiError({
      status: 504,
      code: 'outcome_unknown',
      detail: 'dataplane-control did not answer in time: what was asked for may have been done or not.',
      suggestion,
    });
  }
  const known = REFUSALS[error.remoteCode ?? ''];
  if (known) return new ApiError({ ...known, detail: error.message });
  if (error.code === 'refused') return error;
  return ownerNotReached('dataplane-control');
}
