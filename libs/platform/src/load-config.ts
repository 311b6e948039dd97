import type { z } from 'zod';
import { ConfigError } from './config.error.js';
import { fileVariable, followSecretFiles, readSecretFiles, type Environment } from './secret-files.js';

export type { Environment } from './secret-files.js';

/** Variables whose value may be or contain a secret, as a URL with a password does: it is never shown. */
const SECRET_NAME = /key|secret|password|token|url/i;

/**
 * Reads the variables of `schema` from `env`, and secret ones from files too: see `envSecret`. An empty value counts as not set, because
 * compose files write `PORT=${PORT:-}`.
 * A secret that came from a file follows the file: its member is the value of now.
 * Throws a ConfigError that lists all problems: the variable, its value and the expected value.
 */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const { given, problems: ofFiles } = readSecretFiles(schema, set);
  const result = schema.safeParse(given);
  if (result.success && ofFiles.length === 0) {
    followSecretFiles(schema, { env: set, given, config: result.data as object });
    return result.data;
  }
  // A variable whose file cannot be read is reported once, as that.
  const issues = (result.error?.issues ?? []).filter(
    ({ path }) => given[String(path[0])] !== undefined || given[fileVariable(String(path[0]))] === undefined,
  );
  const problems = [...ofFiles, ...issues.map((issue) => describe(issue, given))];
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
