import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { SERVICES } from '@signalbox/local-infra';
import { envVariables, fileVariable } from '@signalbox/platform';
import type { z } from 'zod';
import { composeFile, environmentOf, inCheckout, newSettings, readText } from './compose-file.js';

const REQUIRED = ['DATABASE_URL_FILE', 'RABBITMQ_URL_FILE'];
/** It has no database, and does not share the drain time of gateway and registry, which has other bounds. */
const AGENT = 'dataplane-agent';

const { folder, secrets, settings } = newSettings();
const { services } = composeFile(settings);
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs what the container runs (`apps/${name}/bundle/main.js`), with exactly its variables. */
function run(name: string, env: Record<string, string>) {
  return spawnSync(
    process.execPath,
    services[name]!.command!.map((each) => (each.startsWith('--') ? each : inCheckout(each))),
    {
      env,
      encoding: 'utf8',
      timeout: 30_000,
    },
  );
}

interface ReadConfig {
  environment: Record<string, string>;
  /** Those that have a value. */
  variables: string[];
  /** Those that the service reads, also without a value. */
  known: string[];
}

/** The configuration of the service as it reads it from its container's environment. @throws ConfigError */
async function configOf(name: string): Promise<ReadConfig> {
  const environment = environmentOf(services[name]!, secrets);
  const file = pathToFileURL(inCheckout(`apps/${name}/dist/config.js`)).href;
  const written = vi.spyOn(process.stderr, 'write');
  const { readConfig, configSchema } = (await import(file)) as {
    readConfig: (env: Record<string, string>) => object;
    configSchema: z.ZodType;
  };
  const variables = Object.keys(readConfig(environment));
  const known = envVariables(configSchema).flatMap((variable) =>
    variable.secret ? [variable.name, fileVariable(variable.name)] : [variable.name],
  );
  expect(written).not.toHaveBeenCalled();
  written.mockRestore();
  return { environment, variables, known };
}

describe.each(SERVICES)('%s in its container', (name) => {
  const environment = environmentOf(services[name]!, secrets);

  it('accepts its configuration, and each of its variables can be set', async () => {
    const { variables, known } = await configOf(name);
    const inContainer = (variable: string): boolean => variable in environment || fileVariable(variable) in environment;
    expect(variables.filter((variable) => !inContainer(variable))).toEqual([]);
    const unknown = Object.keys(environment).filter((variable) => !known.includes(variable) && variable !== 'NODE_ENV');
    expect(unknown).toEqual([]);
  });

  it.each(REQUIRED)('names %s in its error when it is missing', (variable) => {
    const { [variable]: _, ...rest } = environment;
    const { status, stdout, stderr } = run(name, rest);
    expect(status).not.toBe(0);
    const said = stdout + stderr;
    expect(said).toContain(`${variable.replace('_FILE', '')}: is not set`);
    expect(said).toMatch(/configuration is not valid/);
    for (const file of readdirSync(secrets))
      expect(said).not.toContain(readFileSync(join(secrets, file), 'utf8').trim());
  });
});

describe('the dataplane agent in its container', () => {
  it('accepts its configuration, and reads each variable that is set', async () => {
    const { environment, variables } = await configOf(AGENT);
    const page = readText('docs/configuration.md');
    const section = page.slice(page.indexOf(`## ${AGENT}`), page.indexOf('## npm start'));
    const documented = [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name!);
    expect(documented).toEqual(expect.arrayContaining(['SIGNALBOX_DATAPLANE', 'SIGNALBOX_THREADS']));
    expect(documented.filter((variable) => !(variable in environment))).toEqual(['SIGNALBOX_DRAIN_MS']);
    expect(variables).toContain('SIGNALBOX_DATAPLANE');
    const read = [...documented, ...variables, ...variables.map(fileVariable)];
    expect(Object.keys(environment).filter((name) => !read.includes(name) && name !== 'NODE_ENV')).toEqual([]);
  });
});
