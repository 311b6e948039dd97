import type { SnapshotPage } from '@signalbox/contracts/streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { StreamOwner } from '../core/stream-owner.js';
import { SnapshotAnswers } from './snapshot-answers.js';

const ENTRIES = 3_000;

describe('the answers to requests for a snapshot', () => {
  let clock: FakeClock;
  let owner: StreamOwner<number>;
  let answers: SnapshotAnswers;
  beforeEach(() => {
    clock = new FakeClock();
    const entries = Array.from({ length: ENTRIES }, (_, at) => [`k${at}`, 0] as const);
    owner = new StreamOwner<number>({ stream: 's', epoch: 1, entries });
    answers = new SnapshotAnswers(owner, clock);
  });
  const change = () => void owner.commit([{ key: 'k0', value: owner.seq + 1 }]);
  const turn = async () => {
    clock.advance(1);
    await new Promise(setImmediate);
  };

  it('have a copy in common where the requests arrived before it was made, and no other', async () => {
    const ids: string[] = [];
    const ask = () =>
      void answers.answer({ stream: 's', page: 0 }).then((page) => ids.push((page as SnapshotPage).snapshot_id));
    for (let count = 0; count < 3; count += 1) ask();
    while (ids.length < 3) {
      change();
      await turn();
    }
    expect(new Set(ids).size).toBe(1);
    change();
    ask();
    while (ids.length < 4) await turn();
    expect(ids[3]).not.toBe(ids[0]);
  });

  it('have one page an iteration of the event loop, also where many ask at once', async () => {
    const { snapshot_id } = (await answers.answer({ stream: 's', page: 0 })) as SnapshotPage;
    let given = 0;
    const asked = Array.from({ length: 20 }, (_, at) =>
      answers.answer({ stream: 's', snapshot_id, page: at % 3 }).then(() => (given += 1)),
    );
    let most = 0;
    for (let before = 0; before < 20; before = given) {
      await new Promise(setImmediate);
      most = Math.max(most, given - before);
    }
    await Promise.all(asked);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('forget copies that are not used', async () => {
    const { snapshot_id } = (await answers.answer({ stream: 's', page: 0 })) as SnapshotPage;
    clock.advance(30_000);
    answers.forgetUnused();
    expect(await answers.answer({ stream: 's', snapshot_id, page: 1 })).toEqual({ code: 'snapshot_gone' });
  });
});
