import { parseArgs } from 'node:util';

/**
 * The arguments of an example. `--help` prints the text and ends with exit code 0; an argument that is not expected ends with exit code 2.
 * @param {string} usage
 * @param {{ positionals?: number }} [accepted] how many arguments there may be
 * @returns {string[]}
 */
export function readPositionals(usage, { positionals: most = 0 } = {}) {
  const { help, positionals, problem } = parsed();
  if (help) {
    console.log(usage);
    process.exit(0);
  }
  if (problem !== undefined || positionals.length > most) {
    console.error(`${problem ?? `Unexpected argument '${positionals[most]}'.`}\n\n${usage}`);
    process.exit(2);
  }
  return positionals;
}

function parsed() {
  try {
    const options = { help: { type: 'boolean', short: 'h' } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    return { help: values.help, positionals };
  } catch (error) {
    return { problem: error.message, positionals: [] };
  }
}

/** Ends the example with exit code 1, for what its user can correct. @param {string} text @returns {never} */
export function fail(text) {
  console.error(text);
  process.exit(1);
}
