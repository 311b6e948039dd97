import type { z } from 'zod';
import { describeError } from './describe-error.js';
import { envVariables, memberOf } from './env-variables.js';
import { readSecretFile, SecretFile } from './secret-file.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable with the path of a file that holds the value of a secret one. */
export const fileVariable = (name: string): string => `${name}_FILE`;

export interface ReadSecrets {
  /** With the values that files have. */
  readonly given: Environment;
  /** One text each. None shows a value. */
  readonly problems: readonly string[];
}

/**
 * Reads secret variables of `schema` from files: `X_FILE` in place of `X`. One line break at the end of a file is not part of the value.
 * @param env without empty values
 */
export function readSecretFiles(schema: z.ZodType, env: Environment): ReadSecrets {
  const given = { ...env };
  const problems: string[] = [];
  for (const { name, secret } of envVariables(schema)) {
    const variable = fileVariable(name);
    const file = env[variable];
    if (!secret || file === undefined) continue;
    if (env[name] !== undefined) {
      problems.push(`${variable}: got ${JSON.stringify(file)}; ${name} is set too: set one of the two`);
      continue;
    }
    try {
      const value = readSecretFile(file);
      if (value === '') problems.push(`${variable}: got ${JSON.stringify(file)}; the file is empty`);
      else given[name] = value;
    } catch (error) {
      problems.push(
        `${variable}: got ${JSON.stringify(file)}; the file cannot be read: ${describeError(error)}. Check that it is there and that this process may read it`,
      );
    }
  }
  return { given, problems };
}

/**
 * Makes secrets that came from files follow them: see `SecretFile`. What is to use a replaced one has to read the member again.
 * @param config what the schema made of `given`, with the names of the variables
 */
export function followSecretFiles(
  schema: z.ZodType,
  { env, given, config }: { readonly env: Environment; readonly given: Environment; readonly config: object },
): void {
  for (const { name, secret } of envVariables(schema)) {
    const [variable, text] = [fileVariable(name), given[name]];
    const file = env[variable];
    if (!secret || file === undefined || text === undefined || !(name in config)) continue;
    const value = config[name as keyof typeof config] as unknown;
    const followed = new SecretFile({ variable, file, schema: memberOf(schema, name), value, text });
    Object.defineProperty(config, name, { enumerable: true, get: () => followed.current });
  }
}
