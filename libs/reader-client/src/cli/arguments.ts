import { parseArgs, type ParseArgsConfig } from 'node:util';

const NAMES = [
  'id',
  'model',
  'health',
  'type',
  'device',
  'groups',
  'name',
  'backend',
  'config-file',
  'interval',
  'pids',
  'probe-interval',
  'probe-timeout',
  'probe-failures',
  'stop-timeout',
] as const;
export type OptionName = (typeof NAMES)[number];

export interface Arguments {
  readonly isHelp: boolean;
  readonly given: Readonly<Partial<Record<OptionName, string>>>;
  /** After `--`. */
  readonly command: readonly string[];
}

const OPTIONS: ParseArgsConfig['options'] = {
  ...Object.fromEntries(NAMES.map((name) => [name, { type: 'string' }] as const)),
  help: { type: 'boolean', short: 'h' },
};

export const variableOf = (name: OptionName): string => `SIGNALBOX_READER_${name.toUpperCase().replaceAll('-', '_')}`;

/** @throws Error that says which argument is wrong. */
export function readArguments(argv: readonly string[], env: NodeJS.ProcessEnv): Arguments {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const own = argv.slice(0, end);
  if (own.some((argument) => /^--url(=|$)/.test(argument)))
    throw new Error('--url: every process of this machine can read a command line. Set READER_RABBITMQ_URL instead.');
  const values: Readonly<Record<string, unknown>> = parseArgs({ args: own, options: OPTIONS }).values;
  // An empty variable counts as none, as in a template that sets all of them.
  const given = NAMES.map((name) => [name, textOf(values[name]) ?? (env[variableOf(name)] || undefined)] as const);
  return {
    isHelp: values['help'] === true,
    given: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    command: argv.slice(end + 1),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
