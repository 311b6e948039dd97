import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { longFiles } from './scripts/lib/suites/long-files.mjs';

/**
 * Long files first, so that all workers end at about the same time; component and unit tests last and side by side, so that each
 * worker runs them in one process.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      if (project.name === 'unit') return longFiles.length + 2;
      if (project.name === 'component') return longFiles.length + 1;
      const place = longFiles.findIndex((file) => moduleId.endsWith(`/${file}`));
      return place === -1 ? longFiles.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
