import { connectToParent, type Frame } from '../child.js';
import { MAX_BROKEN_CHARS, type JobAnswer, type JobMessage } from './job-protocol.js';

export interface JobResult {
  readonly answer: unknown;
  readonly bytes?: Buffer;
}

/**
 * Makes this process, which a `JobPool` started, do its jobs, one at a time. What `work` does not catch itself, here or later in a callback,
 * ends the job, and the process with it.
 */
export function answerJobs(work: (job: unknown, bytes: Frame['bytes']) => Promise<JobResult>): void {
  const parent = connectToParent({
    onMessage: ({ message, bytes }) => {
      work((message as JobMessage).job, bytes).then(
        ({ answer, bytes: more }) => send({ answer }, more),
        (error: unknown) => broke(error),
      );
    },
    onStop: async () => undefined,
  });
  const send = (answer: JobAnswer, bytes?: Buffer): void => parent.send(answer, bytes);
  const broke = (error: unknown): void => send({ broken: textOf(error) });
  // A driver that fails in a callback of its own. The parent ends this process when it has read why.
  process.on('uncaughtException', broke);
}

const textOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, MAX_BROKEN_CHARS);
