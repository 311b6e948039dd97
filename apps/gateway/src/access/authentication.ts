import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller, CallerSource } from '../http/caller.js';
import type { ApiError } from '../http/errors/api-error.js';
import { mayChange } from '../http/changes.js';
import { CallerSources } from '../http/caller-sources.js';
import { pathAsSent, pathOf } from '../http/request-path.js';
import type { RequestHead } from '../http/request-head.js';
import type { RequestAuthentication } from '../http/request-authentication.js';
import { RoutePolicies, type Requirement } from '../http/route-policies.js';
import { AccessAge } from './access-age.js';
import { Confirmation } from './confirmation.js';
import { TrustedProxies } from '../http/trusted-proxies.js';
import { credentialOf } from './credentials.js';
import { demandRole, includes } from './demand-role.js';
import { covers, demandScope } from './demand-scope.js';
import { Guesses, TOO_MANY_GUESSES } from './guesses.js';
import { CREDENTIAL_MISSING } from './unauthorized.js';

/** The last caller on a connection, and the headers that it was identified by. */
interface LastCaller {
  readonly apiKey: string | string[] | undefined;
  readonly authorization: string | undefined;
  /** Undefined where no proxies are trusted. */
  readonly forwardedFrom: string | undefined;
  readonly caller: Caller;
  readonly source: CallerSource;
}

/** Refuses a request whose caller does not have the role and the scope that its path requires, also where the path has no route. */
@Injectable()
export class Authentication implements RequestAuthentication {
  private readonly lastCallers = new WeakMap<Socket, LastCaller>();

  constructor(
    private readonly policies: RoutePolicies,
    private readonly sources: CallerSources,
    private readonly guesses: Guesses,
    private readonly age: AccessAge,
    private readonly confirmation: Confirmation,
    private readonly proxies: TrustedProxies,
  ) {}

  /** Costs nothing while no address sends wrong credentials. */
  refusalOf(request: RequestHead): ApiError | undefined {
    const address = this.proxies.addressOf(request);
    if (address === undefined || !this.guesses.isOver(address)) return undefined;
    if (this.policies.requirementOf(pathAsSent(request), request.method ?? '').role === 'public') return undefined;
    const credential = credentialOf(request.headers);
    const isWrong = credential && this.sources.of(credential.kind)?.knows?.(credential.text) === false;
    return isWrong ? TOO_MANY_GUESSES : undefined;
  }

  find({ headers }: RequestHead): Caller | undefined {
    const credential = credentialOf(headers);
    return credential && this.sources.of(credential.kind)?.find?.(credential.text);
  }

  /** @throws ApiError 401, 403 from a network that the caller may not come from, or 503 while no key can be known yet */
  identify(request: FastifyRequest): Requirement | undefined | Promise<Requirement> {
    const path = pathOf(request);
    // A path without a route that belongs to no API has nothing to protect: the answer is 404 also without a key.
    if (request.is404 && !this.policies.covers(path)) return undefined;
    const requirement = this.policies.requirementOf(path, request.method);
    if (requirement.role === 'public') return undefined;
    const caller = this.callerOf(request);
    this.confirmation.demandPossible(mayChange(request));
    if (caller instanceof Promise) return caller.then((found) => identified(request, found, requirement));
    return identified(request, caller, requirement);
  }

  /** @throws ApiError 403 */
  authorize({ caller }: FastifyRequest, { role, scope }: Requirement): void {
    if (role === 'public') return;
    // It was identified by the path that requires the role.
    demandRole(caller!, role);
    demandScope(caller!, scope);
  }

  /** @throws ApiError 401, 503 */
  confirm({ caller }: FastifyRequest, isChange: boolean): Promise<void> | undefined {
    if (caller === null || !(isChange || this.age.isBeyondLimit)) return undefined;
    const source = this.sources.of(caller.via)!;
    return isChange ? this.confirmation.ofChange(source, caller) : this.confirmation.ofRead(source, caller);
  }

  recall(request: IncomingMessage, { role, scope }: Requirement): Caller | undefined {
    const { headers } = request;
    const last = this.lastCallers.get(request.socket);
    if (last === undefined || last.apiKey !== headers['x-api-key'] || last.authorization !== headers.authorization)
      return undefined;
    if (last.forwardedFrom !== this.forwardedFrom(request)) return undefined;
    const { caller, source } = last;
    // Fastify awaits what the database says.
    if (this.age.isBeyondLimit) return undefined;
    const isAllowed = role !== 'public' && includes(caller.role, role) && covers(caller, scope);
    return isAllowed && source.recognises?.(caller) === true ? caller : undefined;
  }

  private callerOf(request: FastifyRequest): Caller | Promise<Caller> {
    const credential = credentialOf(request.headers);
    const source = credential && this.sources.of(credential.kind);
    if (source === undefined) throw CREDENTIAL_MISSING;
    const caller = source.callerOf(credential!.text, request);
    if (source.recognises !== undefined && !(caller instanceof Promise)) this.remember(request.raw, { caller, source });
    return caller;
  }

  private remember(request: IncomingMessage, last: Pick<LastCaller, 'caller' | 'source'>): void {
    const { headers } = request;
    this.lastCallers.set(request.socket, {
      apiKey: headers['x-api-key'],
      authorization: headers.authorization,
      forwardedFrom: this.forwardedFrom(request),
      ...last,
    });
  }

  /** The networks of a key permit an address, and a proxy sends requests of many over one connection. */
  private forwardedFrom(request: IncomingMessage): string | undefined {
    return this.proxies.areAny ? this.proxies.addressOf(request) : undefined;
  }
}

function identified(request: FastifyRequest, caller: Caller, requirement: Requirement): Requirement {
  request.caller = caller;
  return requirement;
}
