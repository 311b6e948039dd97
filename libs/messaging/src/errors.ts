/** Why a publish failed. `timeout`: the message may or may not have arrived; `blocked`: the broker accepts no messages at present. */
export type PublishErrorCode = 'disconnected' | 'timeout' | 'unroutable' | 'nacked' | 'blocked';

/** A message that the broker did not confirm. */
export class PublishError extends Error {
  override readonly name = 'PublishError';

  constructor(
    readonly code: PublishErrorCode,
    message: string,
    /** Whether it may have arrived all the same. */
    readonly maybeSent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * What a handler throws when a retry cannot help: the message is dead-lettered with this reason (a short kebab-case word), and
 * a requester gets `invalid_request`. `detail` is for people and never quotes values of the message.
 */
export class DeadMessage extends Error {
  override readonly name = 'DeadMessage';

  constructor(
    readonly reason: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** What a handler throws when the deadline of its message passed before it could begin: a request gets no reply, as its requester has given up. */
export class ExpiredMessage extends DeadMessage {
  constructor() {
    super('deadline-passed', 'it was to be done before a time that has passed');
  }
}

/**
 * Why a request has no answer. `unsent`: there is no connection, and it was not sent; `unroutable`: no queue is bound; `refused`: the
 * responder refused it; `undecodable`: the reply does not match its schema. After `timeout`, `disconnected` and `undecodable`
 * the request may have had its effect.
 */
export type RequestErrorCode = 'unsent' | 'unroutable' | 'timeout' | 'disconnected' | 'refused' | 'undecodable';

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

  /** Whether the request may have had its effect all the same: its outcome is unknown. */
  get maybeDone(): boolean {
    return this.code === 'timeout' || this.code === 'disconnected' || this.code === 'undecodable';
  }
}

/**
 * What a responder's handler throws to refuse a request: `code` and `message` go to the requester as they are. Any other
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

/**
 * What a handler throws when a dependency is unavailable and nothing was done. A requester gets `code` and `message` and may
 * try again. A message without a requester waits until it can be handled, and is not dead-lettered for it.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * What a handler throws when it cannot know whether it was done: no reply is sent, and the message goes back to its queue,
 * so that the next try finds out. Only for handlers that remember what they have done.
 */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
}
