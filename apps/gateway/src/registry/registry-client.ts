import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { connectionType } from '@signalbox/contracts/http';
import {
  auditOf,
  connectionTestReply,
  registryReply,
  registryRequestTypes,
  type ConnectionTestReply,
  type RegistryReply,
  type RegistryRequest,
  type RegistryRequestType,
} from '@signalbox/contracts/messages';
import { registryStream } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { sealRequest } from '@signalbox/nest-service';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AuditTrail } from '../audit/audit-trail.js';
import { askedBy } from '../http/asked-by.js';
import { USUAL_BODY_BYTES } from '../http/body-routes.js';
import { isOutcomeUnknown } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { RegistryView } from './registry.view.js';
import { askOwner } from '../state/ask-owner.js';
import { notServing, registryErrorOf } from './registry-errors.js';

/**
 * The registry may have to fetch a repository first, up to 45 s. Its requests have no shorter attempts: the registry would end the fetch at
 * the deadline of the attempt, and fetch beside an earlier attempt.
 */
const PATIENCE_MS = 60_000;

const CONNECTION_TYPES: ReadonlySet<string> = new Set(connectionType.options);

export interface RegistryQuestion {
  readonly request: FastifyRequest;
  readonly project?: string;
  readonly name?: string;
  readonly body?: unknown;
}

/** Sends requests to the registry. Bodies are sealed for it, since they may contain credentials. */
@Injectable()
export class RegistryClient {
  constructor(
    private readonly amqp: Amqp,
    private readonly view: RegistryView,
    private readonly writes: ReadYourWrites,
    private readonly trail: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when this process shows the change, or two seconds after it was made. @throws ApiError */
  async change(type: RegistryRequestType, question: RegistryQuestion): Promise<RegistryReply> {
    const reply = await this.ask(type, question, registryReply);
    if (reply.seq !== null) await this.writes.visible({ stream: registryStream.name, seq: reply.seq });
    return reply;
  }

  /** @throws ApiError */
  async test(question: RegistryQuestion): Promise<ConnectionTestReply> {
    const asked = this.ask(registryRequestTypes.testConnection, question, connectionTestReply);
    const reply = await asked.catch((error: unknown) => {
      // It may have used the credentials.
      if (isOutcomeUnknown(error)) this.recordTest(question, 'unknown');
      throw error;
    });
    this.recordTest(question, reply.status);
    return reply;
  }

  private recordTest(question: RegistryQuestion, result: ConnectionTestReply['status'] | 'unknown'): void {
    this.trail.add(auditOf(askedBy(question.request), { at: this.clock.now(), ...testedOf(question), result }));
  }

  private async ask<Answer>(
    type: RegistryRequestType,
    { request, project, name, body }: RegistryQuestion,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const publicKey = this.view.service?.public_key;
    if (publicKey === undefined) throw notServing('This gateway has received nothing from the registry yet.');
    const ifMatch = request.headers['if-match'];
    const messageId = randomUUID();
    const question: RegistryRequest = {
      by: askedBy(request),
      ...(project !== undefined && { project }),
      ...(name !== undefined && { name }),
      ...(ifMatch !== undefined && ifMatch.trim() !== '*' && { if_match: versionsOf(ifMatch) }),
    };
    const sealed =
      body === undefined
        ? question
        : sealRequest(question, body, { publicKey, now: this.clock.now(), type, messageId });
    // To seal a large body takes long, and to write it does again: other requests come between the two.
    if ((sealed.sealed?.length ?? 0) > USUAL_BODY_BYTES) await nextTurn();
    try {
      return await askOwner(this.amqp, {
        service: 'registry',
        type,
        messageId,
        body: sealed,
        schema,
        patienceMs: PATIENCE_MS,
      });
    } catch (error) {
      throw registryErrorOf(error);
    }
  }
}

/** The connection that was tested. Of one that is not stored only the type: a name that is sent could be anything, also a credential. */
function testedOf({ project, name, body }: RegistryQuestion) {
  const { type } = (body ?? {}) as { type?: unknown };
  return {
    action: 'test-connection',
    resource: project === undefined ? '(not stored)' : `${project}/${name}`,
    detail: typeof type === 'string' && CONNECTION_TYPES.has(type) ? { type } : {},
  };
}

/** The ETags of `If-Match` that could be ours; a weak one never matches (RFC 9110 §13.1.1). */
function versionsOf(header: string): number[] {
  return header.split(',').flatMap((tag) => {
    const [, version] = /^\s*"(\d{1,15})"\s*$/.exec(tag) ?? [];
    return version === undefined ? [] : [Number(version)];
  });
}
