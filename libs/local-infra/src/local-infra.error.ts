export type LocalInfraErrorCode =
  | 'not-installed'
  | 'port-taken'
  | 'already-running'
  | 'disk-full'
  | 'unusable-home'
  | 'start-failed'
  | 'start-timeout';

/** A failure that an operator can fix. The message says what to do and contains no password. */
export class LocalInfraError extends Error {
  override readonly name = 'LocalInfraError';

  constructor(
    readonly code: LocalInfraErrorCode,
    message: string,
  ) {
    super(message);
  }
}
