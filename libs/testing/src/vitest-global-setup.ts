import { givenTestInfra, giveTestInfra } from './config.js';
import type { TestInfra } from './start-test-infra.js';

/** What is used here of vitest's TestProject. */
interface Project {
  vitest: { filenamePattern?: string[] | undefined };
  globTestFiles(filters?: string[]): Promise<{ testFiles: string[] }>;
}

/** One pair of servers for all projects of a run. Each project loads its own copy of this file, so it is kept here. */
const shared = globalThis as { signalboxTestInfra?: { users: number; infra: Promise<TestInfra> } };

/**
 * Files of a package's own `test/` folder, and of the tests of the whole system. Others start what they need themselves, or are
 * pure.
 */
const NEEDS_INFRA =
  /\/(libs|apps)\/(?!component-status\/|local-infra\/|network-policy\/)[^/]+\/test\/(?!core\/)|\/test\/(system|component)\//;

/** Vitest's global setup of the projects `integration` and `system`. */
export default async function setup(project: Project): Promise<(() => Promise<void>) | undefined> {
  const givenFromOutside = shared.signalboxTestInfra === undefined && givenTestInfra() !== undefined;
  if (givenFromOutside || !(await needsInfra(project))) return undefined;

  const { startTestInfra } = await import('./start-test-infra.js');
  const mine = (shared.signalboxTestInfra ??= { users: 0, infra: startTestInfra() });
  mine.users += 1;
  giveTestInfra((await mine.infra).addresses);
  return async () => {
    mine.users -= 1;
    if (mine.users > 0) return;
    delete shared.signalboxTestInfra;
    giveTestInfra(undefined);
    await (await mine.infra).stop();
  };
}

/** Whether a test that uses the servers is among those to be run: pure tests beside the source need none. */
async function needsInfra(project: Project): Promise<boolean> {
  const { testFiles } = await project.globTestFiles(project.vitest.filenamePattern);
  return testFiles.some((file) => NEEDS_INFRA.test(file));
}
