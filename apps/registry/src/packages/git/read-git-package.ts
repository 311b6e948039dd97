import { JobDied } from '@signalbox/sandbox';
import type { JobPools } from '../../jobs/job-pools.js';
import { GIT_CPU_SECONDS } from '../../jobs/programs.js';
import { whatHappened } from '../../jobs/what-happened.rules.js';
import { contentOf } from '../source/package-answer.js';
import { PackageNotLoaded, type PackageContent } from '../source/package-source.js';
import type { Asking } from '../../jobs/asking.js';
import type { GitJob } from './git.sandbox.js';

/** For fetching, unpacking and reading together. */
const DEADLINE_MS = 45_000;

/**
 * Reads a package of a git repository in a process of its own, which has nothing but this repository and ends with it.
 * @throws PackageNotLoaded; RequestRefused: busy
 */
export async function readGitPackage(jobs: JobPools, job: GitJob, { caller, signal }: Asking): Promise<PackageContent> {
  try {
    const content = contentOf(await jobs.run('git', { caller, message: job, withinMs: DEADLINE_MS, signal }));
    if (content) return content;
    throw new JobDied('misbehaved', undefined);
  } catch (error) {
    if (error instanceof JobDied) throw ended(job.url, error, jobs.memoryOf('git'));
    if (signal?.aborted)
      throw new PackageNotLoaded('unavailable', `There was no more time to read the repository ${job.url}.`);
    throw error;
  }
}

function ended(url: string, error: JobDied, memoryBytes: number): PackageNotLoaded {
  if (error.reason === 'hung')
    return new PackageNotLoaded(
      'unavailable',
      `The repository ${url} cannot be read within ${DEADLINE_MS / 1_000} s and ${GIT_CPU_SECONDS} s of CPU time.`,
    );
  return new PackageNotLoaded('unavailable', `The repository ${url} is not read: ${whatHappened(error, memoryBytes)}.`);
}
