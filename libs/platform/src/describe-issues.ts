/** More issues than these are not listed. */
const MAX_ISSUES = 10;

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code?: string | undefined;
  readonly message: string;
}

export interface IssueFormat {
  /** The name of the value as a whole, for an issue without a path. */
  readonly root: string;
  /** `code` where the text must not quote the value: zod's messages may quote values and keys. Default `message`. */
  readonly detail?: 'message' | 'code';
}

/** One line about why zod refused a value: the path of each issue and what is wrong there, `pids.0: expected number; …`. */
export function describeIssues(issues: readonly Issue[], { root, detail = 'message' }: IssueFormat): string {
  return issues
    .slice(0, MAX_ISSUES)
    .map((issue) => `${issue.path.map(String).join('.') || root}: ${issue[detail] ?? 'custom'}`)
    .join('; ');
}
