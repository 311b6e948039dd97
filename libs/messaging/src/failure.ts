import { describeError } from '@signalbox/platform';
import { DeadMessage, RequestRefused, TryAgain, Unavailable } from './errors.js';

/** What is to become of a message whose handler failed. */
export type Failure =
  | { readonly fate: 'dead'; readonly reason: string; readonly detail: string }
  | { readonly fate: 'retry'; readonly detail: string }
  | { readonly fate: 'wait'; readonly detail: string }
  | { readonly fate: 'back'; readonly detail: string };

/**
 * A message that is bad, or that the domain refuses, will be so the next time too; one whose handler lacks what it needs waits for
 * as long as that takes; everything else may pass.
 */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof DeadMessage) return { fate: 'dead', reason: error.reason, detail: error.detail };
  if (error instanceof RequestRefused) return { fate: 'dead', reason: error.code, detail: error.message };
  if (error instanceof Unavailable) return { fate: 'wait', detail: describeError(error) };
  if (error instanceof TryAgain) return { fate: 'back', detail: describeError(error) };
  return { fate: 'retry', detail: describeError(error) };
}
