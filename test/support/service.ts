export interface Ready {
  managementPort: number;
  port?: number;
}

/** A service that a test has started. */
export interface Service {
  /** What it has logged so far. */
  readonly output: string;
  /** Resolves with its ports when it is ready; rejects when it cannot start. */
  readonly ready: Promise<Ready>;
  /** Stops it in order. */
  stop(): Promise<unknown>;
}
