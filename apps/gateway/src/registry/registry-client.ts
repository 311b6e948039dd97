import { Injectable } from '@nestjs/common';
import {
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
import { sealFor } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { RegistryView } from './registry.view.js';
import { askOwner } from '../state/ask-owner.js';
import { notServing, registryErrorOf } from './registry-errors.js';

/**
 * The registry may have to fetch a repository first, up to 45 s. Its requests have no shorter attempts: the registry would end the fetch at
 * the deadline of the attempt, and fetch beside an earlier attempt.
 */
const PATIENCE_MS = 60_000;

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
  ) {}

  /** Resolves when this process shows the change, or two seconds after it was made. @throws ApiError */
  async change(type: RegistryRequestType, question: RegistryQuestion): Promise<RegistryReply> {
    const reply = await this.ask(type, question, registryReply);
    if (reply.seq !== null) await this.writes.visible({ stream: registryStream.name, seq: reply.seq });
    return reply;
  }

  /** @throws ApiError */
  test(question: RegistryQuestion): Promise<ConnectionTestReply> {
    return this.ask(registryRequestTypes.testConnection, question, connectionTestReply);
  }

  private async ask<Answer>(
    type: RegistryRequestType,
    { request, project, name, body }: RegistryQuestion,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const publicKey = this.view.service?.public_key;
    if (publicKey === undefined) throw notServing('This gateway has received nothing from the registry yet.');
    const ifMatch = request.headers['if-match'];
    const question: RegistryRequest = {
      by: request.caller?.id ?? null,
      request_id: request.id,
      ...(project !== undefined && { project }),
      ...(name !== undefined && { name }),
      ...(ifMatch !== undefined && ifMatch.trim() !== '*' && { if_match: versionsOf(ifMatch) }),
      ...(body !== undefined && { sealed: sealFor(publicKey, JSON.stringify(body)) }),
    };
    try {
      return await askOwner(this.amqp, { service: 'registry', type, body: question, schema, patienceMs: PATIENCE_MS });
    } catch (error) {
      throw registryErrorOf(error);
    }
  }
}

/** The ETags of `If-Match` that could be ours; a weak one never matches (RFC 9110 §13.1.1). */
function versionsOf(header: string): number[] {
  return header.split(',').flatMap((tag) => {
    const [, version] = /^\s*"(\d{1,15})"\s*$/.exec(tag) ?? [];
    return version === undefined ? [] : [Number(version)];
  });
}
