import type { KeyMode, Role } from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';
import { addressGroup } from './address-group.rules.js';

/** Who sent a request. The same object may serve many requests. */
export interface Caller {
  /** The kind of credential that it was identified by. */
  readonly via: 'key' | 'token' | 'session';
  /** Of the key (also where a token of the key was sent), or of the person: limits count on it and the audit log shows it. */
  readonly id: string;
  /** `jti`, where a token was sent. */
  readonly tokenId?: string;
  readonly name: string;
  readonly role: Role;
  readonly mode: KeyMode;
  /** Id of the account. */
  readonly account: string;
  /** `<area>:read` and `<area>:write`; empty: all that the role may do. */
  readonly scopes: readonly string[];
}

/** Identifies the callers of one kind of credential. Each feature that knows a kind adds its source to `CallerSources`. */
export interface CallerSource {
  readonly kind: Caller['via'];
  /** Whether the credential needs no further check. Where it is not given, nothing of this kind is refused early. */
  knows?(credential: string): boolean;
  /** The caller of a valid credential, as far as memory has it. It is no use of the credential: its request may still be refused. */
  find?(credential: string): Caller | undefined;
  /**
   * A promise only where the caller cannot be known from memory.
   * @param credential as `credentialOf` read it
   * @throws ApiError 401 where it identifies no caller
   */
  callerOf(credential: string, request: FastifyRequest): Caller | Promise<Caller>;
  /**
   * Whether a caller that was identified on this connection before would be identified again, by the same credential; if so, this is one
   * more use of it. A source without this function identifies each request.
   */
  recognises?(caller: Caller): boolean;
  /**
   * Asks the database whether the credential of a caller that was identified is still valid and has the same rights: one indexed read.
   * @throws ApiError 401 where it is not: from then on memory refuses it, too; the error of the database where that does not answer
   */
  confirm(caller: Caller): Promise<void>;
}

/** What the requests of one caller are counted by: of one that is not known, where it comes from. */
export const callerName = ({ caller, ip }: Pick<FastifyRequest, 'caller' | 'ip'>): string =>
  caller?.id ?? addressGroup(ip);

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on public paths. */
    caller: Caller | null;
  }
}
