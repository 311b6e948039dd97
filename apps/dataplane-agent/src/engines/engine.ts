import type { EngineStatus, OperationRequest, ThreadPool } from '@signalbox/contracts/messages';
import type { BuildInfo } from '../build/build-info.js';

/** The part of a report's status that the engine knows; the rest is about this process. */
export type EngineFigures = Omit<EngineStatus, keyof BuildInfo>;

/** The work of an engine; channels are counted where they are opened. */
export type EngineWork = Omit<ThreadPool, 'channels'>;

/** What executes the work of the dataplane. It answers from memory, so that no report waits for it. */
export interface Engine {
  readonly name: string;
  /** Whether it can work now. */
  readonly ready: boolean;
  /** Why it cannot, for people; undefined where it can, or where that is not known yet. */
  readonly problem: string | undefined;
  status(): EngineFigures;
  work(): EngineWork;
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing runs any more or `signal` is aborted; absent where all that runs came through `operations`. */
  idle?(signal: AbortSignal): Promise<void>;
  /** Absent where others submit the work of the engine. */
  readonly operations?: OperationRunner;
}

export interface OperationRunner {
  /** The kinds of operations that it runs. */
  readonly kinds: readonly OperationRequest['kind'][];
  /** Most operations that run at once. */
  readonly atOnce: number;
  /**
   * Resolves with the result, as JSON.
   * @throws Error with what is wrong with the request, for people; the signal's AbortError where it was interrupted
   */
  run(operationId: string, request: OperationRequest, signal: AbortSignal): Promise<unknown>;
}
