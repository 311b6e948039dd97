import { connectToParent } from '../child.js';
import { MAX_BROKEN_CHARS, type JobAnswer, type JobMessage } from './job-protocol.js';

/**
 * Makes this process, which a `JobPool` started, do its jobs, one at a time. What `work` does not catch itself, here or later in a callback,
 * ends the job, and the process with it.
 */
export function answerJobs(work: (job: unknown) => Promise<unknown>): void {
  const parent = connectToParent({
    onMessage: ({ message }) => {
      work((message as JobMessage).job).then(
        (answer) => send({ answer }),
        (error: unknown) => broke(error),
      );
    },
    onStop: async () => undefined,
  });
  const send = (answer: JobAnswer): void => parent.send(answer);
  const broke = (error: unknown): void => send({ broken: textOf(error) });
  // A driver that fails in a callback of its own. The parent ends this process when it has read why.
  process.on('uncaughtException', broke);
}

const textOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, MAX_BROKEN_CHARS);
