/** Who asks for a job, and for how long. */
export interface Asking {
  /** Whose turn it takes; undefined: the registry itself, at its start. */
  readonly caller: string | undefined;
  /** Stops it early. */
  readonly signal: AbortSignal;
}
