/** An error that only the operator can fix. Its message is for the operator and is shown without a stack. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
