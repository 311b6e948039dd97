import { readArguments } from './cli/arguments.js';
import { environment } from './config.js';
import { serverOptions } from './cli/server-options.js';
import { usage } from './cli/usage.js';
import { startModelServerReader, type ModelServerReader } from './model-server/model-server-reader.js';

const WRONG_OPTION = 2;
const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

const print = (text: string): void => void process.stderr.write(`signalbox-reader: ${text}\n`);

/** Undefined: the help was printed. @throws Error that says which option is wrong */
function start(): ModelServerReader | undefined {
  const env = environment();
  const given = readArguments(process.argv.slice(2), env);
  if (given.isHelp) {
    console.log(usage);
    return undefined;
  }
  return startModelServerReader({ ...serverOptions(given, env), log: ({ text }) => print(text) });
}

// The reader of the output may have ended: heartbeats go on.
process.stderr.on('error', () => undefined);
let server: ModelServerReader | undefined;
for (const signal of FORWARDED)
  // The terminal sends Ctrl-C to the command, too.
  process.on(signal, () => void server?.stop(signal === 'SIGINT' && process.stdin.isTTY ? null : signal));
try {
  server = start();
} catch (error) {
  print(`${(error as Error).message}\n--help lists the options.`);
  process.exit(WRONG_OPTION);
}
process.exit(server === undefined ? 0 : await server.ended);
