import { answerJobs } from '@signalbox/sandbox/jobs';
import { parseManifest } from '../source/manifest.js';
import { answerOf } from '../source/package-answer.js';
import { readPackage } from '../source/read-package.js';
import { withGitRepository, type GitSource } from './git-repository.js';

/** What the program gets: a repository, and the folder of a package in it. */
export interface GitJob extends GitSource {
  readonly folder: string;
}

answerJobs((job) => {
  const { folder, ...source } = job as GitJob;
  const read = (): ReturnType<typeof readPackage> =>
    withGitRepository(source, (findIn) => readPackage(findIn(folder), parseManifest));
  return answerOf(read);
});
