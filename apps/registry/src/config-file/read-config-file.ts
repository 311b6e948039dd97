import { readFile, stat } from 'node:fs/promises';
import { EMPTY, parseConfig, unreadable, type RegistryConfig } from './registry-config.rules.js';

const MAX_BYTES = 8 * 1_024 * 1_024;

export interface ConfigFileOptions {
  /** Undefined: nothing is configured. */
  readonly file: string | undefined;
  readonly variable: (name: string) => string | undefined;
}

/** Reads the configuration file. Never throws: problems are part of the result. */
export async function readConfigFile({ file, variable }: ConfigFileOptions): Promise<RegistryConfig> {
  if (file === undefined) return EMPTY;
  try {
    if ((await stat(file)).size > MAX_BYTES) return unreadable(`has more than ${MAX_BYTES} bytes`, 'it is smaller');
    return parseConfig(await readFile(file, 'utf8'), variable);
  } catch (error) {
    return unreadable(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`, 'it can');
  }
}
