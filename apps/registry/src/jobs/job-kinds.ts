/** What is done in processes made for it. */
export const JOB_KINDS = ['connection_test', 'duckdb', 'git', 'manifest'] as const;
export type JobKind = (typeof JOB_KINDS)[number];
