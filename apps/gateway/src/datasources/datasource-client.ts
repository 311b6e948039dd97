import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  attemptsReply,
  datasourceReply,
  datasourceRequestTypes as types,
  type AttemptsReply,
  type DatasourceReply,
  type DatasourceRequest,
  type DatasourceRequestType,
  type SealedMessage,
} from '@signalbox/contracts/messages';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { sealRequest } from '@signalbox/nest-service';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { askedBy } from '../http/asked-by.js';
import { askOwner } from '../state/ask-owner.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { datasourceErrorOf, datasourceNotFound, notServing } from './datasource-errors.js';
import { DatasourcesView } from './datasources.view.js';

const PATIENCE_MS = 20_000;
/** A deletion waits four seconds for the source to drop the slot. */
const ATTEMPT_MS = 8_000;

/** What may be an id at all: nothing else is sent on. */
const ID = /^dse?_[A-Za-z0-9_-]{1,100}$/;

export interface DatasourceQuestion {
  readonly request: FastifyRequest;
  readonly id?: string;
  readonly body?: unknown;
}

/** Sends requests to datasource-sync. Bodies are sealed for it, since they contain credentials. */
@Injectable()
export class DatasourceClient {
  constructor(
    private readonly amqp: Amqp,
    private readonly view: DatasourcesView,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when this process shows the change, or two seconds after it was made. @throws ApiError */
  async change(type: DatasourceRequestType, question: DatasourceQuestion): Promise<DatasourceReply> {
    const reply = await this.ask(type, question, datasourceReply);
    if (reply.seq !== null) await this.writes.visible({ stream: datasourcesStream.name, seq: reply.seq });
    return reply;
  }

  /** @throws ApiError */
  attempts(question: DatasourceQuestion): Promise<AttemptsReply> {
    return this.ask(types.attempts, question, attemptsReply);
  }

  private async ask<Answer>(
    type: DatasourceRequestType,
    { request, id, body }: DatasourceQuestion,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    if (id !== undefined && !ID.test(id)) throw datasourceNotFound(id);
    // In its queue a request would wait for a service that is down, and be answered with an unknown outcome.
    if (this.view.isOwnerDown) throw notServing('datasource-sync is unavailable.');
    // The routes are not public: the caller is known.
    const { account, mode } = request.caller!;
    const messageId = randomUUID();
    const question: DatasourceRequest = {
      by: askedBy(request),
      account,
      mode,
      ...(id !== undefined && { id }),
    };
    const sealed = body === undefined ? question : this.sealed(question, body, { type, messageId });
    try {
      return await askOwner(this.amqp, {
        service: 'datasource-sync',
        type,
        messageId,
        body: sealed,
        schema,
        patienceMs: PATIENCE_MS,
        attemptMs: ATTEMPT_MS,
      });
    } catch (error) {
      throw datasourceErrorOf(error, { ...(id !== undefined && { id }), isChange: type !== types.attempts });
    }
  }

  private sealed(request: DatasourceRequest, body: unknown, message: SealedMessage): DatasourceRequest {
    const publicKey = this.view.service?.public_key;
    if (publicKey === undefined) throw notServing('This gateway has received nothing from datasource-sync yet.');
    return sealRequest(request, body, { publicKey, now: this.clock.now(), ...message });
  }
}
