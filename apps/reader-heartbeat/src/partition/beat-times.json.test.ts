import { streamBeats } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { beatTimesJson } from './beat-times.json.js';

const reader = (readerId: string, unix: number): Reader => ({ readerId, receivedAt: { unix, monotonic: 0 } }) as Reader;

describe('beatTimesJson', () => {
  it.each([
    [[]],
    [[reader('a', 1_795_218_553_000)]],
    [[reader('a', 1), reader('pool/b:0', 1), reader('A-z_0.9', 2), reader('c', 1)]],
  ])('is what the schema of the message expects', (readers) => {
    expect(streamBeats.parse(JSON.parse(beatTimesJson({ stream: 'readers.0', epoch: 7 }, readers)))).toEqual({
      stream: 'readers.0',
      epoch: 7,
      beats: readers.map(({ readerId, receivedAt }) => [readerId, receivedAt.unix]),
    });
  });
});
