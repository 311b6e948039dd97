import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, the longest first: begun last, each would hold up the end of everything by itself. */
const LONG = [
  'faults/faults',
  'e2e/readers-stay-live',
  'system/dataplane-restarts',
  'system/registry-lifecycle',
  'system/never-called-dead',
  'system/registry-config-file',
  'e2e/start',
  'system/registry-interrupted',
  'system/dataplane',
];

/** On a machine that has not run the tests before, nobody knows how long they take but we. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((name) => moduleId.includes(`/${name}.`));
      return place === -1 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
