import { describe, expect, it } from 'vitest';
import { reasonOf, type ReaderEvidence } from './reader-reason.rules.js';

const settings = { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3, partitions: 1 };
const reason = (over: Partial<ReaderEvidence>): string =>
  reasonOf({
    state: 'live',
    silentMs: 3_000,
    interval: 10,
    settings,
    flappingSince: null,
    isSilenceCounted: true,
    ...over,
  });

describe('why a reader is in its state', () => {
  it.each<[Partial<ReaderEvidence>, string]>([
    [{}, 'The last heartbeat came 3 s ago; one is due each 10 s.'],
    [
      { state: 'loading' },
      'The last heartbeat came 3 s ago, and says that its model is not ready yet; one is due each 10 s.',
    ],
    [{ state: 'dead', silentMs: 34_200 }, 'No heartbeat for 34 s; 3 were due, one each 10 s.'],
    [{ state: 'dead', silentMs: 1_600, interval: 1 }, 'No heartbeat for 2 s; 1 was due, one each 1 s.'],
    [
      { silentMs: 14_000 },
      'The last heartbeat came 14 s ago; one is due each 10 s, and after 3 missed ones and 500 ms it is dead.',
    ],
    [
      { silentMs: 44_000, isSilenceCounted: false },
      'The last heartbeat came 44 s ago; one is due each 10 s. Silence does not count, because no heartbeat can get through at present.',
    ],
    [
      { silentMs: 44_000, settings: { ...settings, heartbeat_check_interval: 0 } },
      'The last heartbeat came 44 s ago; one is due each 10 s. The deployment declares no reader dead.',
    ],
    [
      { flappingSince: 1 },
      'The last heartbeat came 3 s ago; one is due each 10 s; its state has changed too often lately (flapping).',
    ],
  ])('%j', (over, sentence) => {
    expect(reason(over)).toBe(sentence);
  });
});
