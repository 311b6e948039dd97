import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { longFiles, packageFiles, waitingFiles } from './scripts/lib/suites/long-files.mjs';

/**
 * The order in which the workers take test files, so that the CPU is always busy and all end at about the same time: first the
 * files that mostly wait, and beside them the component tests, which work; then the others, long ones first. Files of a project
 * are side by side: a worker ends, and the modules that it has loaded with it, where the next file is of another project.
 */
export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => turnOf(a) - turnOf(b) || placeOf(a) - placeOf(b));
  }
}

/** The longer the files of a project take, the earlier: what is begun last must not last. */
const PROJECTS = ['component', 'system', 'integration', 'unit'];

function turnOf(file: TestSpecification): number {
  if (waitingFiles.some((waiting) => isFile(file, waiting))) return -1;
  return PROJECTS.indexOf(file.project.name);
}

function placeOf(file: TestSpecification): number {
  if (packageFiles.some((late) => isFile(file, late))) return longFiles.length + 1;
  const found = longFiles.findIndex((long) => isFile(file, long));
  return found === -1 ? longFiles.length : found;
}

const isFile = ({ moduleId }: TestSpecification, file: string): boolean => moduleId.endsWith(`/${file}`);
