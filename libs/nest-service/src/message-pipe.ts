import { StandardSchemaValidationPipe } from '@nestjs/common';
import { DeadMessage } from '@signalbox/messaging';

const MAX_ISSUES = 10;

/**
 * Checks a payload by the schema that `@Payload({ schema })` names. An error names the path of what is wrong, never the value: zod's own texts may
 * quote it.
 */
export const messagePipe = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => new DeadMessage('schema-refused', issues.slice(0, MAX_ISSUES).map(place).join('; ')),
  });

function place(issue: {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}): string {
  const path = (issue.path ?? [])
    .map((segment) => String(typeof segment === 'object' ? segment.key : segment))
    .join('.');
  const { code } = issue as { code?: string };
  return `${path === '' ? '(body)' : path}: ${code ?? 'refused'}`;
}
