import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  auditActions,
  auditOf,
  commandKey,
  dataplaneCommandTypes as types,
  exchanges,
  restartDeadline,
  restartIdOf,
  type DataplaneReport,
  type OperationRequest,
  type RunCommand,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import { Amqp, PublishError } from '@signalbox/messaging';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { askedBy } from '../http/asked-by.js';
import { ApiError } from '../http/errors/api-error.js';
import { DataplaneView, type DataplaneRecord } from './dataplane.view.js';
import { ConnectionChecks } from '../health/connection-checks.js';

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

interface OutgoingCommand {
  readonly name: string;
  readonly verb: 'shutdown' | 'run';
  readonly type: string;
  readonly messageId: string;
  readonly body: ShutdownCommand | RunCommand;
}

/** How a command that was not sent, or perhaps was, is recorded and answered. */
interface Unsent {
  readonly action: string;
  /** Its id, as the audit log names it. */
  readonly subject: { readonly restart_id: string } | { readonly operation_id: string };
  /** Where it is shown if it was sent. */
  readonly location: string;
}

/** Sends commands to dataplanes. Once the broker confirms the message, both the dataplane's queue and dataplane-control have it. */
@Injectable()
export class DataplaneCommands {
  constructor(
    private readonly amqp: Amqp,
    private readonly view: DataplaneView,
    private readonly trail: AuditTrail,
    private readonly checks: ConnectionChecks,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns what was sent @throws ApiError 503 where nothing was sent, 504 where it is not known whether it was sent */
  async shutdown(name: string, request: FastifyRequest): Promise<ShutdownCommand> {
    const requested_at = this.clock.now();
    const dataplane = this.reachable({ name, action: auditActions.restart, at: requested_at, request });
    const drain_seconds = this.config.SIGNALBOX_RESTART_DRAIN_SECONDS;
    const body: ShutdownCommand = {
      restart_id: restartIdOf(randomBytes(12).toString('hex')),
      dataplane: name,
      boot_id: dataplane.bootId,
      drain_seconds,
      requested_at,
      expires_at: restartDeadline(requested_at, drain_seconds),
      reason: null,
      by: askedBy(request),
    };
    const { restart_id } = body;
    await this.send(
      { name, verb: 'shutdown', type: types.shutdown, messageId: restart_id, body },
      { action: auditActions.restart, subject: { restart_id }, location: `/v1/restarts/${restart_id}` },
    );
    return body;
  }

  /** @returns what was sent @throws ApiError as above */
  async run(name: string, operation: OperationRequest, request: FastifyRequest): Promise<RunCommand> {
    const operation_id = `op-${Array.from(randomBytes(10), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('')}`;
    const requested_at = this.clock.now();
    const { report } = this.reachable({ name, action: auditActions.run, at: requested_at, request });
    if (report?.operations?.includes(operation.kind) === false) {
      this.trail.add(
        auditOf(askedBy(request), {
          at: requested_at,
          action: auditActions.run,
          resource: name,
          result: 'refused',
          detail: { why: 'not supported', kind: operation.kind },
        }),
      );
      throw notSupported(name, operation.kind, report);
    }
    const body: RunCommand = { operation_id, dataplane: name, request: operation, requested_at, by: askedBy(request) };
    await this.send(
      { name, verb: 'run', type: types.run, messageId: operation_id, body },
      {
        action: auditActions.run,
        subject: { operation_id },
        location: `/v1/dataplanes/${name}/operations/${operation_id}`,
      },
    );
    return body;
  }

  /** @throws ApiError 503 where nothing would wait for it */
  private reachable({
    name,
    action,
    at,
    request,
  }: {
    name: string;
    action: string;
    at: number;
    request: FastifyRequest;
  }): DataplaneRecord {
    const dataplane = this.view.dataplane(name);
    // A stalled broker would take the message and deliver it long after the client has given up.
    const isBrokerThere = this.checks.states.broker === 'OK';
    if (dataplane?.entry && isBrokerThere) return dataplane;
    const detail = { why: isBrokerThere ? 'not known' : 'broker unhealthy' };
    this.trail.add(auditOf(askedBy(request), { at, action, resource: name, result: 'not_sent', detail }));
    if (!isBrokerThere) throw notSent('The message broker does not answer.');
    if (!this.view.hasSnapshot)
      throw notSent(
        'This gateway has received nothing from dataplane-control yet and does not know which dataplanes exist.',
      );
    throw notSent(
      dataplane
        ? `The dataplane ${name} has just reported for the first time and is not stored yet.`
        : `There is no dataplane ${name}: it has never reported, or it was removed.`,
    );
  }

  private async send(
    { name, verb, ...message }: OutgoingCommand,
    { action, subject, location }: Unsent,
  ): Promise<void> {
    try {
      await this.amqp.publisher.publish({
        exchange: exchanges.commands.name,
        routingKey: commandKey(name, verb),
        ...message,
        persistent: true,
        mandatory: true,
      });
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      const result = error.maybeSent ? 'unknown' : 'not_sent';
      // With the whole command: its copy for dataplane-control may be lost, and nothing else says what it was.
      const detail = { ...subject, why: error.code, ...(error.maybeSent && { command: { ...message.body } }) };
      const { by, requested_at: at } = message.body;
      this.trail.add(auditOf(by, { at, action, resource: name, result, detail }));
      throw error.maybeSent ? outcomeUnknown(location) : notSent('The message broker cannot be reached.');
    }
  }
}

/** Nothing was done, and nothing will be. */
export const notSent = (why: string): ApiError =>
  new ApiError({
    status: 503,
    code: 'not_sent',
    detail: `${why} Nothing was sent to the dataplane, and nothing will be sent later.`,
    suggestion: 'Try again in a moment.',
    headers: { 'retry-after': '5' },
  });

/** No agent would ever take it from the queue. */
function notSupported(name: string, kind: string, { engine, operations = [] }: DataplaneReport): ApiError {
  const supported = operations.length === 0 ? 'no operations' : operations.join(' and ');
  return new ApiError({
    status: 409,
    code: 'operation_not_supported',
    detail: `The dataplane ${name} does not run ${kind}: its engine is ${engine}, which runs ${supported}.`,
  });
}

/** @param location where it is shown if it was sent */
const outcomeUnknown = (location: string): ApiError =>
  new ApiError({
    status: 504,
    code: 'outcome_unknown',
    detail:
      'The connection to the message broker was lost before it confirmed the message: it may have been sent or not.',
    suggestion: `Check whether ${location} exists before you try again; a late restart cannot stop the next incarnation of a dataplane.`,
    headers: { location },
  });
