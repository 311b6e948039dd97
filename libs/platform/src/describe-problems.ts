/** More problems than these are not listed. */
const MAX_PROBLEMS = 20;

/** Something of a value that cannot be accepted. */
export interface ValueProblem {
  /** Names the member; empty: the value as a whole. */
  readonly path: string;
  readonly message: string;
}

/** One line with all problems of a value, each with its path. */
export const describeProblems = (problems: readonly ValueProblem[]): string =>
  problems
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
