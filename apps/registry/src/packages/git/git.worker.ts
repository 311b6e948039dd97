import { parentPort, workerData } from 'node:worker_threads';
import { PackageNotLoaded } from '../source/package-source.js';
import { readPackage } from '../source/read-package.js';
import { withGitRepository } from './git-repository.js';
import type { GitAnswer, GitQuestion } from './read-git-package.js';

/** The thread of `readGitPackage`: reads one package and posts its answer. */
const { folder, ...question } = workerData as GitQuestion;

async function answer(): Promise<GitAnswer> {
  try {
    return { content: await withGitRepository(question, (findIn) => readPackage(findIn(folder))) };
  } catch (error) {
    if (error instanceof PackageNotLoaded) return { reason: error.reason, message: error.message };
    throw error;
  }
}

parentPort?.postMessage(await answer());
