/** An error that only the operator can fix. Its message is for the operator and is shown without a stack. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** @param problems of variables, one text each, where the message lists them */
  constructor(
    message: string,
    readonly problems: readonly string[] = [],
  ) {
    super(message);
  }
}
