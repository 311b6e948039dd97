import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzz } from '../fuzz/fuzz.js';
import { FuzzedSystem } from '../fuzz/fuzzed-system.js';

/** `npm run fuzz` sets both. */
const calls = Number(process.env['FUZZ_CALLS'] ?? 600);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);

const print = (text: string): void => {
  if (process.env['FUZZ_CALLS'] !== undefined) console.info(text);
};

/** Every operation in `/openapi.json`, with values of wrong types, at borders and of odd encodings. */
describe(`${calls} generated calls (npm run fuzz -- --calls ${calls} --seed ${seed})`, () => {
  let fuzzed: FuzzedSystem;
  beforeAll(async () => {
    fuzzed = await FuzzedSystem.start();
  });
  afterAll(() => fuzzed?.close());

  it(
    'are answered as the document says, and cause no error in any service',
    async () => {
      const tally = await fuzz(fuzzed, { calls, seed, onFault: print });
      print(tally.summary);
      expect([...tally.faults, ...fuzzed.errors].join('\n')).toBe('');
    },
    120_000 + calls * 200,
  );
});
