import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { PackageNotLoaded, type PackageContent } from '../source/package-source.js';
import type { GitSource } from './git-repository.js';

/** What the thread is asked; it goes there as a copy, so nothing in it is a function. */
export interface GitQuestion extends GitSource {
  /** Within the repository. */
  readonly folder: string;
}

export type GitAnswer = { readonly content: PackageContent } | Pick<PackageNotLoaded, 'reason' | 'message'>;

/** For all of it: fetching, unpacking, looking for the files. */
const DEADLINE_MS = 45_000;
const HEAP_MIB = 512;

/**
 * Reads a package of a git repository in a thread of its own: whatever a repository makes of our time is not taken from others, and
 * can be ended from outside. @param signal ends it early @throws PackageNotLoaded
 */
export async function readGitPackage(question: GitQuestion, signal?: AbortSignal): Promise<PackageContent> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const worker = new Worker(new URL('./git.worker.js', import.meta.url), {
    workerData: question,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  try {
    const [answer] = (await once(worker, 'message', {
      signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
    })) as [GitAnswer];
    if ('content' in answer) return answer.content;
    throw new PackageNotLoaded(answer.reason, answer.message);
  } catch (error) {
    if (deadline.aborted)
      throw new PackageNotLoaded(
        'unavailable',
        `The repository ${question.url} cannot be read within ${DEADLINE_MS / 1_000} s.`,
      );
    if (signal?.aborted)
      throw new PackageNotLoaded('unavailable', `There was no more time to read the repository ${question.url}.`);
    throw error;
  } finally {
    await worker.terminate();
    // A thread that was ended has not cleaned up.
    await rm(question.scratchFolder, { recursive: true, force: true });
  }
}
