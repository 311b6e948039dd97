import type { Need } from '@signalbox/contracts/http';
import type { RegistryRefusal } from '@signalbox/contracts/messages';
import { RequestRefused } from '@signalbox/messaging';
import { describeProblems } from '@signalbox/platform';

/** The refusal of a request, with one of the codes that the gateway knows and a text for people. */
export const refused = (code: RegistryRefusal, message: string): RequestRefused => new RequestRefused(code, message);

/** Refuses an invalid value with all its problems, each with its path. */
export const invalid = (problems: readonly Need[]): RequestRefused =>
  refused('invalid_value', describeProblems(problems));
