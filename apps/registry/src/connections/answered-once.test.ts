import { systemClock } from '@signalbox/platform';
import { expect, it } from 'vitest';
import { AnsweredOnce } from './answered-once.js';

it('does the work of a request once until its end, also while it runs, and again where it failed', async () => {
  let now = 0;
  let times = 0;
  const answers = new AnsweredOnce<number>({ ...systemClock, now: () => now });
  const count = (): Promise<number> => Promise.resolve((times += 1));
  expect(await Promise.all([1, 2, 3].map(() => answers.of({ id: 'a', until: 10 }, count)))).toEqual([1, 1, 1]);
  expect(await answers.of({ id: 'b', until: 10 }, count)).toBe(2);
  now = 10;
  expect(await answers.of({ id: 'a', until: 10 }, count)).toBe(1);
  now = 11;
  expect(await answers.of({ id: 'a', until: 20 }, count)).toBe(3);
  const fail = (): Promise<number> => Promise.reject(new Error('busy'));
  await expect(answers.of({ id: 'c', until: 20 }, fail)).rejects.toThrow('busy');
  expect(await answers.of({ id: 'c', until: 20 }, count)).toBe(4);
});

it('forgets the oldest where there are too many', async () => {
  const answers = new AnsweredOnce<number>({ ...systemClock, now: () => 0 });
  const asked = (id: number, answer: number) => answers.of({ id: `${id}`, until: 1 }, () => Promise.resolve(answer));
  for (let id = 1; id <= 10_001; id += 1) await asked(id, 1);
  expect([await asked(10_001, 2), await asked(1, 2)]).toEqual([1, 2]);
});
