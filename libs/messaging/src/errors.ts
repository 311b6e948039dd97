/** Why a publish failed. `timeout`: it may or may not have arrived; `blocked`: the broker takes nothing at present. */
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
 * What a handler throws when trying again cannot help: the message is parked with this reason (a short kebab-case word), and
 * whoever waits for an answer is told `invalid_request`. `detail` is for people and never quotes the message's own values.
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

/** What a handler throws when the deadline of its message passed before it could begin: a request gets no reply, as nobody waits for it. */
export class ExpiredMessage extends DeadMessage {
  constructor() {
    super('deadline-passed', 'it was to be done before a time that has passed');
  }
}

/**
 * Why a request has no answer. `unsent`: there is no connection, and it never left; `unroutable`: nobody is there; `refused`: the other side said no; `undecodable`: it answered
 * something we do not understand. After `timeout`, `disconnected` and `undecodable` the request may have had its effect.
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

/**
 * What a handler throws when something it needs is away and nothing was done: whoever asked is told `code` and `message` and may
 * ask again; a message that nobody waits for waits until it can be handled, and is not parked for it.
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
 * What a handler throws when it cannot know whether it was done: nobody is told anything, and the message goes back to its queue,
 * so that the next try finds out. Only for handlers that remember what they have done.
 */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
}
