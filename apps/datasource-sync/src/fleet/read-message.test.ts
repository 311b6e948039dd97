import { systemClock } from '@signalbox/platform';
import { describe, expect, it } from 'vitest';
import { BATCH, MAX_REPORT_BYTES } from '../worker/protocol.js';
import { readMessage } from './read-message.js';
import { SliceChecks } from './slice-checks.js';

const batch = { type: 'batch', session: 1, run: 0, keys: [], ids: [], lengths: [] };
const read = (message: unknown) => readMessage({ message, messageBytes: JSON.stringify(message).length });

describe('a message of a worker', () => {
  it('has a position of any form, into which nothing looks', () => {
    const position = Array.from({ length: 1_000 }, () => [{}]);
    const message = read({ ...batch, position });
    expect('position' in message && message.position).toBe(position);
  });

  it.each<[string, unknown, string]>([
    ['no object', 7, 'a message has 1 problems, the first at ``'],
    ['null', null, 'a message has 1 problems, the first at ``'],
    [
      'too many keys',
      { ...batch, keys: Array(BATCH.changes + 1).fill(0) },
      'a message has 1 problems, the first at `keys`',
    ],
    ['keys that are no texts', { ...batch, keys: [0, 0] }, 'a message has 2 problems, the first at `keys.0`'],
    ['no keys', { ...batch, keys: null }, 'a message has 1 problems, the first at `keys`'],
    ['too many failures', { type: 'checked', check: 1, result: { failures: Array(1_001).fill(0) } }, 'result.'],
    [
      'a report that is too long',
      { type: 'report', session: 1, state: 'x'.repeat(MAX_REPORT_BYTES) },
      'a message that is no batch has',
    ],
  ])('is refused in few words where it has %s', (_what, message, words) => {
    expect(() => read(message)).toThrow(
      expect.objectContaining({ name: 'Misbehaved', message: expect.stringContaining(words) }),
    );
  });
});

it('is of a check that was begun', () => {
  const checks = new SliceChecks(systemClock, () => undefined);
  expect(() => checks.ended(1, undefined)).toThrow(expect.objectContaining({ name: 'Misbehaved' }));
});
