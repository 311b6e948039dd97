import type { DatasourceRefusal } from '@signalbox/contracts/messages';
import { RequestRefused } from '@signalbox/messaging';

/** Something of a value that cannot be accepted. `path` names its member; empty: the value as a whole. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The refusal of a request, with one of the codes that the gateway knows and a text for people. */
export const refused = (code: DatasourceRefusal, message: string): RequestRefused => new RequestRefused(code, message);

/** Refuses an invalid value with all its problems, each with its path. */
export const invalid = (problems: readonly Problem[]): RequestRefused =>
  refused(
    'invalid_value',
    problems
      .slice(0, 20)
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
      .join('; '),
  );
