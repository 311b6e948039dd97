import { z } from 'zod';
import type { AskedBy } from '../dataplane/asked-by.js';

/** The members of a request whose body may hold credentials. They are sent together. */
export const sealedMembers = {
  /** The body as JSON, sealed for the service that is asked, and for this request alone: see `purposeOf`. */
  sealed: z.string().exactOptional(),
  /** Unix ms, by the clock of the sender: after it the body is not opened. */
  sealed_until: z.int().exactOptional(),
};

/** What a sealed body is bound to, of the members that requests have. */
export interface SealedRequest {
  readonly by: Pick<AskedBy, 'key_id' | 'request_id'>;
  readonly account?: string;
  readonly mode?: string;
  readonly id?: string;
  readonly project?: string;
  readonly name?: string;
  readonly if_match?: readonly number[];
  readonly sealed?: string;
  readonly sealed_until?: number;
}

/** The message that carries a request. */
export interface SealedMessage {
  readonly type: string;
  readonly messageId: string;
}

/**
 * What is authenticated with a sealed body: in another message, of another type, for another resource or caller, or with a later end, it
 * does not open. Members are named one by one, so that a release that adds members to requests opens those of the release before.
 */
export function purposeOf({ type, messageId }: SealedMessage, request: SealedRequest): string {
  const { by, account, mode, id, project, name, if_match, sealed_until } = request;
  const resource = { account, mode, id, project, name, if_match };
  return JSON.stringify([type, messageId, sealed_until, by.key_id, by.request_id, resource]);
}
