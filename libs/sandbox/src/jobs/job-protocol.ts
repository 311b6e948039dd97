/** What a process gets for each job, with the bytes of the frame. */
export interface JobMessage {
  readonly job: unknown;
}

/** How it answers: with a value and the bytes of the frame, or with why it broke; then it is not used again. */
export type JobAnswer = { readonly answer: unknown } | { readonly broken: string };

/** Of the text why it broke. */
export const MAX_BROKEN_CHARS = 500;
