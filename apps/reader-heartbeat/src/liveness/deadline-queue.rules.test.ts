import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineQueue } from './deadline-queue.rules.js';

describe('DeadlineQueue', () => {
  it('gives its entries in the order of their times, whatever is added and removed between', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant('pop' as const))), (steps) => {
        const queue = new DeadlineQueue();
        const times: number[] = [];
        for (const step of steps) {
          if (step === 'pop') {
            queue.pop();
            times.shift();
          } else {
            queue.push(step, `due at ${step}`);
            times.push(step);
            times.sort((a, b) => a - b);
          }
          expect([queue.time, queue.id]).toEqual([times[0], times[0] === undefined ? undefined : `due at ${times[0]}`]);
        }
      }),
    );
  });
});
