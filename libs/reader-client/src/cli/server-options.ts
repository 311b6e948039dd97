import { readFileSync } from 'node:fs';
import { BROKER_VARIABLES } from '../config.js';
import type { ModelServerOptions } from '../model-server/model-server-options.js';
import type { Arguments } from './arguments.js';

const REQUIRED = ['id', 'model', 'health'] as const;

/** @throws Error that says what is wrong. Values are checked where the reader is started. */
export function serverOptions({ given, command }: Arguments, env: NodeJS.ProcessEnv): ModelServerOptions {
  const missing = REQUIRED.filter((name) => given[name] === undefined);
  if (missing.length > 0) throw new Error(`Give ${missing.map((name) => `--${name}`).join(', ')}.`);
  const [url, urlFile] = BROKER_VARIABLES.map((name) => env[name] || undefined);
  if ((url === undefined) === (urlFile === undefined))
    throw new Error('Set either READER_RABBITMQ_URL or READER_RABBITMQ_URL_FILE.');
  const [file, ...args] = command;
  const options = {
    url,
    urlFile,
    reader_id: given.id,
    model_name: given.model,
    healthUrl: given.health,
    model_type: given.type ?? 'chat',
    device: given.device ?? 'cpu',
    consumer_groups: listOf(given.groups ?? 'primary'),
    consumer_name: given.name,
    backend: given.backend,
    config: given['config-file'] === undefined ? undefined : configOf(given['config-file']),
    heartbeat_wait_interval: numberOf(given.interval),
    pids: given.pids === undefined ? undefined : listOf(given.pids).map(Number),
    probeInterval: numberOf(given['probe-interval']),
    probeTimeout: numberOf(given['probe-timeout']),
    probeFailures: numberOf(given['probe-failures']),
    stopTimeout: numberOf(given['stop-timeout']),
    command: file === undefined ? undefined : [file, ...args],
  };
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as ModelServerOptions;
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function configOf(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    // The text of a syntax error quotes the file.
    const reason =
      error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new Error(`--config-file: ${file} ${reason}`, { cause: error });
  }
}
