import type { DatasourceRefusal } from '@signalbox/contracts/messages';
import { RequestRefused } from '@signalbox/messaging';
import { describeProblems, type ValueProblem } from '@signalbox/platform';

/** The refusal of a request, with one of the codes that the gateway knows and a text for people. */
export const refused = (code: DatasourceRefusal, message: string): RequestRefused => new RequestRefused(code, message);

/** Refuses an invalid value with all its problems, each with its path. */
export const invalid = (problems: readonly ValueProblem[]): RequestRefused =>
  refused('invalid_value', describeProblems(problems));
