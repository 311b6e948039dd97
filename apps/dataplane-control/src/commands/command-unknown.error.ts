/**
 * An event names a restart or an operation that is not known, and does not carry its command. The copy of the command may still be on
 * its way, so the event is retried; after the last try it is dead-lettered with this reason.
 */
export class CommandUnknown extends Error {
  override readonly name = 'CommandUnknown';

  constructor(
    /** A kebab-case word, for example `unknown-restart`. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}
