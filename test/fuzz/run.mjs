// @ts-check
// `npm run fuzz`: sends generated calls of every operation in the OpenAPI document to a system of its own. Exits with 1 if an
// answer was not one that the document describes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
// @boundaries-ignore Every script of package.json reads its options in the same way.
import { readOptions, refuseUsage } from '../../scripts/lib/base/options.mjs';

const HELP = `npm run fuzz [-- options]

  --calls <n>   how many calls are sent (default 20000)
  --seed <n>    makes the same calls again; a run prints its seed
`;

const { values } = readOptions(HELP, { options: { calls: { type: 'string' }, seed: { type: 'string' } } });
const calls = Number(values.calls ?? 20_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (!Number.isSafeInteger(calls) || calls < 1 || !Number.isSafeInteger(seed))
  refuseUsage('--calls must be an integer of at least 1, --seed an integer.', HELP);

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project=component', 'test/component/fuzz.test.ts'];
const env = { ...process.env, FUZZ_CALLS: String(calls), FUZZ_SEED: String(seed) };
const child = spawn(process.execPath, vitest, { cwd: checkout, env, stdio: 'inherit' });
const [code] = await once(child, 'exit');
process.exit(code ?? 1);
