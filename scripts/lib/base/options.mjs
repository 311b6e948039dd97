// @ts-check
import { parseArgs } from 'node:util';

/**
 * The arguments of a script. With `--help` or `-h` it prints the help and ends with exit code 0. An argument that the script does not
 * know ends it with exit code 2, before anything is done.
 * @template {Record<string, { type: 'string' | 'boolean', short?: string }>} Options
 * @param {string} help
 * @param {{ options?: Options, positionals?: number, args?: string[] }} [accepted] `positionals`: how many arguments beside options there may be
 */
export function readOptions(help, { options, positionals: most = 0, args = process.argv.slice(2) } = {}) {
  const parsed = parse({ args, options: /** @type {Options} */ (options ?? {}), help });
  if (/** @type {{ help?: boolean }} */ (parsed.values).help) {
    process.stdout.write(help);
    process.exit(0);
  }
  const [unknown] = parsed.positionals.slice(most);
  if (unknown !== undefined) refuseUsage(`Unexpected argument '${unknown}'.`, help);
  return parsed;
}

/**
 * Ends the script with exit code 2.
 * @param {string} problem what is wrong with its arguments
 * @param {string} help
 * @returns {never}
 */
export function refuseUsage(problem, help) {
  process.stderr.write(`✗ ${problem}\n\n${help}`);
  process.exit(2);
}

/**
 * @template {Record<string, { type: 'string' | 'boolean', short?: string }>} Options
 * @param {{ args: string[], options: Options, help: string }} given
 */
function parse({ args, options, help }) {
  try {
    const known = { ...options, help: { type: /** @type {const} */ ('boolean'), short: 'h' } };
    return parseArgs({ args, options: known, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The rest of Node's text is about arguments that begin with a dash.
    return refuseUsage(error.message.replace(/(?<='\.|value\.?) To specify .*$/s, ''), help);
  }
}
