import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.js';
import { within } from './within.js';

const never = new Promise<never>(() => undefined);

describe('within', () => {
  it('gives what came in time, and throws what was thrown', async () => {
    expect(await within({ clock: systemClock, ms: 60_000 }, Promise.resolve(1))).toBe(1);
    await expect(within({ clock: systemClock, ms: 60_000 }, Promise.reject(new Error('its own')))).rejects.toThrow(
      'its own',
    );
  });

  it('says what did not come, and in which time', async () => {
    await expect(within({ clock: systemClock, ms: 1, what: 'declaration' }, never)).rejects.toThrow(
      'no declaration within 1 ms',
    );
  });
});
