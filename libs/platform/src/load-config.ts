import type { z } from 'zod';
import { ConfigError } from './config.error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables whose value may be or contain a secret, as a URL with a password does: it is never shown. */
const SECRET_NAME = /key|secret|password|token|url/i;

/**
 * Reads the variables of `schema` from `env`. An empty value counts as not set, because compose files write `PORT=${PORT:-}`.
 * Throws a ConfigError that lists all problems: the variable, its value and the expected value.
 */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describe(issue, given));
  throw new ConfigError(
    ['The configuration is not valid:', ...problems.map((each) => `  ${each}`)].join('\n'),
    problems,
  );
}

function describe(issue: z.core.$ZodIssue, given: Environment): string {
  const variable = String(issue.path[0] ?? 'environment');
  const expectation = issue.message.replace(/^Invalid (?:input|option): /, '').replace(/, received undefined$/, '');
  return `${variable}: ${shownValue(variable, given[variable])}; ${expectation}`;
}

function shownValue(variable: string, value: string | undefined): string {
  if (value === undefined) return 'is not set';
  return SECRET_NAME.test(variable) ? 'is set (value not shown)' : `got ${JSON.stringify(value)}`;
}
