import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.js';
import { settlesWithin, within } from './within.js';

const never = new Promise<never>(() => undefined);
const aMinute = { clock: systemClock, ms: 60_000 };

describe('within', () => {
  it('returns a result that is in time, and throws what the work throws', async () => {
    expect(await within(aMinute, Promise.resolve(1))).toBe(1);
    await expect(within(aMinute, Promise.reject(new Error('its own')))).rejects.toThrow('its own');
  });

  it('names what was late, and the bound', async () => {
    await expect(within({ clock: systemClock, ms: 1, what: 'declaration' }, never)).rejects.toThrow(
      'no declaration within 1 ms',
    );
  });
});

describe('settlesWithin', () => {
  it('is true for work that succeeds or fails in time, and where there is no work', async () => {
    expect(await settlesWithin(aMinute, Promise.resolve(1))).toBe(true);
    expect(await settlesWithin(aMinute, Promise.reject(new Error('its own')))).toBe(true);
    expect(await settlesWithin(aMinute, undefined)).toBe(true);
  });

  it('is false for work that is late', async () => {
    expect(await settlesWithin({ clock: systemClock, ms: 1 }, never)).toBe(false);
  });
});
