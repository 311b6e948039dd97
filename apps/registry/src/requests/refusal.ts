import type { Need } from '@signalbox/contracts/http';
import type { RegistryRefusal } from '@signalbox/contracts/messages';
import { RequestRefused } from '@signalbox/messaging';

/** What whoever asked is told: one of the codes the gateway knows, and a text for people. */
export const refused = (code: RegistryRefusal, message: string): RequestRefused => new RequestRefused(code, message);

/** A value that does not fit: every problem at once, each with where it is. */
export const invalid = (problems: readonly Need[]): RequestRefused =>
  refused(
    'invalid_value',
    problems
      .slice(0, 20)
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
      .join('; '),
  );
