/** What a process gets for each job. */
export interface JobMessage {
  readonly job: unknown;
}

/** How it answers: with a value, or with why it broke; then it is not used again. */
export type JobAnswer = { readonly answer: unknown } | { readonly broken: string };

/** Of the text why it broke. */
export const MAX_BROKEN_CHARS = 500;
