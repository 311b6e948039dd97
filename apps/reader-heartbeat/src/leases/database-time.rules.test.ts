import { expect, it } from 'vitest';
import { fromDatabase, toDatabase } from './database-time.rules.js';

it('is no longer on another clock, whenever the database was asked', () => {
  const watermark = { since: 1_000, through: 9_000 };
  // The clocks differ by 50,000 ms; each answer is of another moment of its question.
  for (const moment of [9_500, 9_700, 9_900]) {
    const stored = toDatabase(watermark, { unix: moment + 50_000, asked: 9_500, answered: 9_900 });
    expect(stored.since).toBeGreaterThanOrEqual(51_000);
    expect(stored.through).toBeLessThanOrEqual(59_000);
    const back = fromDatabase(
      { since: 51_000, through: 59_000 },
      { unix: moment + 50_000, asked: 9_500, answered: 9_900 },
    );
    expect(back.since).toBeGreaterThanOrEqual(1_000);
    expect(back.through).toBeLessThanOrEqual(9_000);
  }
});
