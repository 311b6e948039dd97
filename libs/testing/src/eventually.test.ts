import { expect, it } from 'vitest';
import { eventually } from './eventually.js';

it('returns what the check returned once it no longer fails', async () => {
  let tries = 0;
  const check = (): number | undefined => {
    tries += 1;
    if (tries === 1) throw new Error('not yet');
    return tries === 2 ? undefined : tries;
  };
  expect(await eventually(check, { everyMs: 0 })).toBe(3);
});

it('takes 0 and the empty string as success', async () => {
  expect(await eventually(() => 0)).toBe(0);
  expect(await eventually(() => '')).toBe('');
});

it('reports the last failure when the time is up', async () => {
  let tries = 0;
  const failing = eventually(
    () => {
      throw new Error(`try ${(tries += 1)}`);
    },
    { timeoutMs: 5, everyMs: 1 },
  );
  await expect(failing).rejects.toThrow(/^Not within 5 ms: try \d+$/);
  await expect(eventually(() => false, { timeoutMs: 0 })).rejects.toThrow('the condition was false');
});
