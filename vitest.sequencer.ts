import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { longFiles } from './scripts/lib/suites/long-files.mjs';

/**
 * Long files first, so that all workers end at about the same time; component and unit tests last and side by side, so that each
 * worker runs them in one process.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification): number => ['component', 'unit'].indexOf(project.name);
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longFiles.findIndex((file) => moduleId.endsWith(`/${file}`));
      return found === -1 ? longFiles.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
