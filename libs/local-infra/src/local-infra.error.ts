export type LocalInfraErrorCode =
  | 'not-installed'
  | 'port-taken'
  | 'already-running'
  | 'disk-full'
  | 'unusable-home'
  | 'start-failed'
  | 'start-timeout';

/** A failure a person can act on. The message is complete by itself, names the way out and holds no password. */
export class LocalInfraError extends Error {
  override readonly name = 'LocalInfraError';

  constructor(
    readonly code: LocalInfraErrorCode,
    message: string,
  ) {
    super(message);
  }
}
