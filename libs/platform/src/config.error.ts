/** Something only the person who starts the process can put right. Its message is written for them and shown without a stack. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
