// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../base/home.mjs';
import { configFileFrom } from './frozen.mjs';

/** `npm start` has read these files itself: it gives each process its URLs. */
export const givenByUs = ['DATABASE_URL_FILE', 'RABBITMQ_URL_FILE'];

/**
 * The variables that a process reads: those of its configuration, secret ones also as files. Needs the build.
 * @param {string} app its folder below `apps`
 * @returns {Promise<string[]>}
 */
export async function variablesOf(app) {
  const { envVariables, fileVariable } = await import('@signalbox/platform');
  const { configSchema } = await import(pathToFileURL(join(checkout, 'apps', app, 'dist/config.js')).href);
  const own = envVariables(configSchema).flatMap(({ name, secret }) => (secret ? [name, fileVariable(name)] : [name]));
  const inherited = own.filter((name) => !givenByUs.includes(name));
  return app === 'registry' ? [...inherited, ...variablesInConfigFile()] : inherited;
}

/** The projects that it loads may refer to variables. A file that cannot be read is the registry's to report. */
function variablesInConfigFile() {
  try {
    const text = readFileSync(configFileFrom(process.env), 'utf8');
    return [...text.matchAll(/\$\{([A-Z][A-Z0-9_]*)\}/g)].map(([, name = '']) => name);
  } catch {
    return [];
  }
}
