import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** Absolute path of something in the checkout. */
export const inCheckout = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const readText = (path: string): string => readFileSync(inCheckout(path), 'utf8');

export interface ComposeService {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string | number>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number; start_period: string };
  ports?: string[];
  volumes?: string[];
  restart?: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  networks?: string[] | Record<string, { aliases?: string[] }>;
  secrets?: string[];
  mem_limit?: string;
  pids_limit?: number;
  [member: string]: unknown;
}

export interface ComposeFile {
  name: string;
  services: Record<string, ComposeService>;
  volumes: Record<string, null>;
  networks: Record<string, { internal?: boolean } | null>;
  secrets: Record<string, { file: string }>;
  [member: string]: unknown;
}

export type Variables = Readonly<Record<string, string>>;

/** Every `${NAME}` or `${NAME:-default}` of a text. */
export const variablesOf = (text: string): string[] =>
  [...text.matchAll(/\$\{([A-Z_]+)[^}]*\}/g)].map(([, name]) => name!);

/** Compose's own rule for `${NAME:-default}`: the default stands for a variable that is not set or empty. */
const interpolate = (text: string, variables: Variables): string =>
  text.replace(/\$\{([A-Z_]+):-([^}]*)\}/g, (_, name: string, fallback: string) => variables[name] || fallback);

/** The compose file as Compose sees it with these variables: it reads the YAML first, so that a value cannot become YAML. */
export function composeFile(variables: Variables): ComposeFile {
  const file: unknown = parse(readText('docker-compose.yml'), { merge: true, uniqueKeys: true });
  const text = JSON.stringify(file, (_, value: unknown) =>
    typeof value === 'string' ? interpolate(value, variables) : value,
  );
  return JSON.parse(text) as ComposeFile;
}

/** The variables of a `.env` file. */
export const variablesIn = (envFile: string): Record<string, string> =>
  Object.fromEntries([...envFile.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));

/** Where a container finds its secrets. */
export const SECRETS = '/run/secrets';

/**
 * What the container's process finds in its environment.
 * @param secrets the folder of this machine in which its secrets are, where it is to run here
 */
export const environmentOf = (service: ComposeService, secrets = SECRETS): Record<string, string> =>
  Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, String(value).replace(SECRETS, secrets)]),
  );

/** A new folder with `.env` and `.secrets`, as `npm run env` writes them. */
export function newSettings(): { folder: string; secrets: string; settings: Record<string, string> } {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-compose-'));
  const file = join(folder, '.env');
  execFileSync(process.execPath, [inCheckout('scripts/new-env.mjs'), file]);
  return { folder, secrets: join(folder, '.secrets'), settings: variablesIn(readFileSync(file, 'utf8')) };
}
