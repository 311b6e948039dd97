/** Why a publish failed. `timeout`: it may or may not have arrived; `blocked`: the broker takes nothing at present. */
export type PublishErrorCode = 'disconnected' | 'timeout' | 'unroutable' | 'nacked' | 'blocked';

/** A message that the broker did not confirm. */
export class PublishError extends Error {
  override readonly name = 'PublishError';

  constructor(
    readonly code: PublishErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Why a request has no answer. `unroutable`: nobody is there; `refused`: the other side said no; `undecodable`: it answered
 * something we do not understand. After `timeout`, `disconnected` and `undecodable` the request may have had its effect.
 */
export type RequestErrorCode = 'unroutable' | 'timeout' | 'disconnected' | 'refused' | 'undecodable';

/** A request that was not answered as hoped. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly code: RequestErrorCode,
    message: string,
    /** With `refused`: the code the other side gave. */
    readonly remoteCode?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * What a responder's handler throws to refuse a request: `code` and `message` go to whoever asked, as they are. Any other
 * error is answered as `internal` without its text, because it may hold what others should not see.
 */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
