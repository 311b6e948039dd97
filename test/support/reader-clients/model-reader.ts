import { join } from 'node:path';
import { python } from '@signalbox/testing';
import { checkout, ScriptRun } from '../script-run.js';
import { commandOf, type Language } from './client.js';

/** The model server of the examples, as a command. */
export const modelServer = (port: number): string[] => [
  python(),
  join(checkout, 'examples/model-server.py'),
  '--port',
  String(port),
  '--load-seconds',
  '0.3',
];

/** Runs the command line `signalbox-reader` of a language. */
export function signalboxReader(
  language: Language,
  args: readonly string[],
  variables: Record<string, string>,
): ScriptRun {
  const { command, env } = commandOf(language, {
    mjs: 'libs/reader-client/bin/signalbox-reader.js',
    py: ['-m', 'signalbox_reader'],
  });
  return new ScriptRun([...command, ...args], { cwd: checkout, env: { ...env, ...variables } });
}
