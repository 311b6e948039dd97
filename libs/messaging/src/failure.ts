import { DeadMessage, RequestRefused, TryAgain } from './errors.js';
import { describeError } from './describe-error.js';

/** What is to become of a message whose handler failed. */
export type Failure =
  | { readonly fate: 'dead'; readonly reason: string; readonly detail: string }
  | { readonly fate: 'retry'; readonly detail: string }
  | { readonly fate: 'back'; readonly detail: string };

/** A message that is bad, or that the domain refuses, will be so the next time too; everything else may pass. */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof DeadMessage) return { fate: 'dead', reason: error.reason, detail: error.detail };
  if (error instanceof RequestRefused) return { fate: 'dead', reason: error.code, detail: error.message };
  if (error instanceof TryAgain) return { fate: 'back', detail: describeError(error) };
  return { fate: 'retry', detail: describeError(error) };
}
