// @ts-check
// `npm run properties`: runs the property tests, with as many traces as are wanted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './lib/base/home.mjs';
import { readOptions, refuseUsage } from './lib/base/options.mjs';
import { watchInterrupts } from './lib/processes/interrupts.mjs';
import { trackedFiles } from './lib/source/tracked-files.mjs';
import { runTool } from './lib/suites/run-tool.mjs';

const help = `npm run properties [-- file …] [options]: runs the tests whose traces are random, of what is built already (npm run build).

  file         only test files whose path contains this
  --runs <n>   traces of each property (else as many as npm test has)
  --seed <n>   the same traces again, as a failed test prints it
`;

const { values, positionals } = readOptions(help, {
  positionals: Infinity,
  options: { runs: { type: 'string' }, seed: { type: 'string' } },
});
for (const [name, value] of Object.entries(values))
  if (typeof value === 'string' && !/^\d+$/.test(value)) refuseUsage(`--${name} must be a whole number.`, help);

const files = trackedFiles(checkout)
  .filter(
    (file) =>
      file.endsWith('.test.ts') && (positionals.length === 0 || positionals.some((part) => file.includes(part))),
  )
  .filter((file) => readFileSync(join(checkout, file), 'utf8').includes('FC_RUNS'));
if (files.length === 0) refuseUsage(`No property test has a path that contains ${positionals.join(' or ')}.`, help);

const env = {
  ...process.env,
  ...(values.runs !== undefined && { FC_RUNS: values.runs }),
  ...(values.seed !== undefined && { FC_SEED: values.seed }),
};
const signal = watchInterrupts({ again: () => process.exit(1) });
process.exitCode = (await runTool(['vitest/vitest.mjs', 'run', ...files], { signal, env })) ? 0 : 1;
