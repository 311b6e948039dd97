import { expect, it } from 'vitest';
import { CheckQueue, type DueCheck } from './check-queue.js';

const add = (queue: CheckQueue<DueCheck>, account: string, count: number, checking: boolean): void => {
  for (let index = 0; index < count; index += 1) queue.add({ id: `${account}-${index}`, account, checking });
};
const begun = (queue: CheckQueue<DueCheck>): string[] => {
  const ids: string[] = [];
  for (let check = queue.next(); check !== undefined; check = queue.next()) ids.push(check.id);
  return ids;
};

it('lets accounts take turns', () => {
  const queue = new CheckQueue();
  add(queue, 'many', 100, false);
  add(queue, 'few', 2, false);
  add(queue, 'one', 1, false);
  expect(begun(queue).slice(0, 6)).toEqual(['many-0', 'few-0', 'one-0', 'many-1', 'few-1', 'many-2']);
});

it('keeps places for checks that a caller waits for, whatever else is silent', () => {
  const queue = new CheckQueue();
  for (const account of ['a', 'b', 'c']) add(queue, account, 50, false);
  expect(begun(queue)).toHaveLength(8);
  add(queue, 'caller', 1, true);
  expect(begun(queue)).toEqual(['caller-0']);
});

it('keeps places for the callers of other accounts', () => {
  const queue = new CheckQueue();
  add(queue, 'many', 100, true);
  expect(begun(queue)).toHaveLength(16);
  add(queue, 'caller', 1, true);
  expect(begun(queue)).toEqual(['caller-0']);
  for (const account of ['a', 'b', 'c']) add(queue, account, 50, true);
  expect(begun(queue)).toHaveLength(15);
});

it('begins one check of a datasource at a time, the last that was asked for, and none that was removed', () => {
  const queue = new CheckQueue<DueCheck & { version: number }>();
  const check = { id: 'a', account: 'a', checking: false, version: 1 };
  queue.add(check);
  expect(queue.next()).toBe(check);
  queue.add({ ...check, version: 2 });
  queue.add({ ...check, version: 3, checking: true });
  expect(queue.next()).toBeUndefined();
  queue.ended('a');
  expect(queue.next()?.version).toBe(3);
  queue.ended('a');
  expect(queue.next()).toBeUndefined();
  queue.add(check);
  queue.remove(check);
  expect(queue.next()).toBeUndefined();
});
