import { describe, expect, it } from 'vitest';
import { SeenTransactions } from './seen-transactions.js';

const seen = (snapshot: string, xids: number[]): boolean[] =>
  xids.map((xid) => SeenTransactions.parse(snapshot)!.has(xid));

describe('SeenTransactions', () => {
  it('has what had ended when the snapshot was taken', () => {
    expect(seen('10:14:10,12', [9, 10, 11, 12, 13, 14, 15])).toEqual([true, false, true, false, true, false, false]);
    expect(seen('14:14:', [13, 14])).toEqual([true, false]);
  });

  it('takes a number of 32 bits for the nearest transaction', () => {
    const wrapped = 2n ** 32n;
    expect(seen(`${wrapped - 2n}:${wrapped + 3n}:${wrapped - 1n}`, [2 ** 32 - 2, 2 ** 32 - 1, 0, 2, 3])).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  it('is not made of what a server would not send', () => {
    const endless = `1:9:${Array.from({ length: 5_001 }, (_, index) => index).join(',')}`;
    expect(['', '1:2', 'a:b:', '1:2:x', endless].map((text) => SeenTransactions.parse(text))).toEqual(
      Array.from({ length: 5 }),
    );
  });
});
