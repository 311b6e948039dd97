// @ts-check
// `npm run faults:hostile`: servers of strangers answer connection tests and fetches of repositories with what no such server sends. Prints what
// came of it, how the registry grew and how long a good answer took before and after. Exits with 1 if a process of ours ended or grew too much.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
// @boundaries-ignore Every script of package.json reads its options in the same way.
import { readOptions, refuseUsage } from '../../../scripts/lib/base/options.mjs';

const HELP = `npm run faults:hostile [-- options]

  --cases <n>   answers of each kind: Postgres, MySQL, Trino, git (default 300)
  --kind <k>    only this kind
  --seed <n>    makes the same answers again; a run prints its seed
`;

const { values } = readOptions(HELP, {
  options: { cases: { type: 'string' }, kind: { type: 'string' }, seed: { type: 'string' } },
});
const cases = Number(values.cases ?? 300);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed))
  refuseUsage('--cases must be an integer of at least 1, --seed an integer.', HELP);
if (values.kind !== undefined && !['postgres', 'mysql', 'trino', 'git'].includes(String(values.kind)))
  refuseUsage('--kind must be one of postgres, mysql, trino, git.', HELP);

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const only = values.kind === undefined ? [] : ['-t', `of ${values.kind} end`];
const vitest = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project=system',
  'test/system/hostile-answers.test.ts',
  ...only,
];
const env = { ...process.env, HOSTILE_CASES: String(cases), HOSTILE_SEED: String(seed) };
const child = spawn(process.execPath, vitest, { cwd: checkout, env, stdio: 'inherit' });
const [code] = await once(child, 'exit');
process.exit(code ?? 1);
