import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { PackageNotLoaded, type PackageContent } from '../source/package-source.js';
import type { GitSource } from './git-repository.js';

/** The question to the thread. It is copied there, so it contains no function. */
export interface GitQuestion extends GitSource {
  /** Within the repository. */
  readonly folder: string;
}

export type GitAnswer = { readonly content: PackageContent } | Pick<PackageNotLoaded, 'reason' | 'message'>;

/** For fetching, unpacking and reading together. */
const DEADLINE_MS = 45_000;
const HEAP_MIB = 512;

/**
 * Reads a package of a git repository in its own thread, so that a repository that takes long does not block this process and can
 * be stopped. @param signal stops it early @throws PackageNotLoaded
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
    // A terminated thread has not removed its files.
    await rm(question.scratchFolder, { recursive: true, force: true });
  }
}
