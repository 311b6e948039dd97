import type { EngineStatus, OperationRequest, ThreadPool } from '@signalbox/contracts/messages';
import type { BuildInfo } from '../build/build-info.js';

/** What an engine knows of itself; the rest of a report's status is of this process. */
export type EngineFigures = Omit<EngineStatus, keyof BuildInfo>;

/** The work of an engine; the channels are counted where they are opened. */
export type EngineWork = Omit<ThreadPool, 'channels'>;

/** What this process stands beside. Whatever it is asked it answers from memory, so that no report ever waits for it. */
export interface Engine {
  readonly name: string;
  /** Whether it could work now. */
  readonly ready: boolean;
  /** Why it could not, for people; undefined where it could, or nobody knows yet. */
  readonly problem: string | undefined;
  status(): EngineFigures;
  work(): EngineWork;
  start(): void;
  stop(): Promise<void>;
  /** Resolves when it is known that nothing runs any more, or `signal` fires; absent where all that runs came through `operations`. */
  idle?(signal: AbortSignal): Promise<void>;
  /** Absent where the engine gets its work from elsewhere. */
  readonly operations?: OperationRunner;
}

export interface OperationRunner {
  /** What it can be asked for. */
  readonly kinds: readonly OperationRequest['kind'][];
  /** Most at once. */
  readonly atOnce: number;
  /**
   * Resolves with the result, as JSON.
   * @throws what is wrong with the request, in words for people; the signal's AbortError where it was interrupted
   */
  run(operationId: string, request: OperationRequest, signal: AbortSignal): Promise<unknown>;
}
