import { readerDetails } from '@signalbox/contracts/http';
import type { ShowReaderReply } from '@signalbox/contracts/messages';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { presentReaderDetails } from './reader-details.presenter.js';

const NOW = 1_795_000_000_000;
const entry: ReaderEntry = {
  reader_id: 'a',
  state: 'live',
  consumer_name: 'a',
  consumer_groups: [],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  backend: null,
  pids: [41],
  heartbeat_wait_interval: 10,
  received_at: NOW - 60_000,
  since: NOW - 90_000,
  boot_id: 'b',
  flapping_since: null,
};
const shown: ShowReaderReply = {
  state: 'dead',
  since: NOW - 3_500,
  boot_id: 'b',
  seq: 4,
  silent_ms: 34_000,
  is_silence_counted: true,
  ends_at: NOW + 5,
  last_heartbeats: [{ received_at: NOW - 34_000, sent_at: null }],
  clock_skew_ms: null,
  stored: { config: { secret: 'of admins' }, transitions: [] },
};
const settings = { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3, partitions: 1 };
const record = { entry, receivedAt: NOW - 60_000 };

describe('the details of a reader', () => {
  it('are what reader-heartbeat says, where the stream is behind, without the configuration and process ids', () => {
    const body = presentReaderDetails({ record, settings, shown, now: NOW });
    expect(readerDetails.strict().safeParse(body).error).toBeUndefined();
    expect(body).toMatchObject({
      state: 'dead',
      since: NOW - 3_500,
      reason: 'No heartbeat for 34 s; 3 were due, one each 10 s.',
      last_heartbeat_at: NOW - 34_000,
      note: null,
    });
    expect(JSON.stringify(body)).not.toMatch(/secret|pids/);
  });

  it('say what is missing without the database, and without reader-heartbeat', () => {
    const noDatabase = presentReaderDetails({ record, settings, shown: { ...shown, stored: null }, now: NOW });
    expect(noDatabase).toMatchObject({
      seq: 4,
      transitions: null,
      note: expect.stringContaining('database') as string,
    });
    const noAnswer = presentReaderDetails({ record, settings: undefined, shown: undefined, now: NOW });
    expect(noAnswer).toMatchObject({
      state: 'live',
      silent_ms: 60_000,
      last_heartbeat_at: NOW - 60_000,
      missed_beats: null,
      ends_at: null,
      transitions: null,
      note: expect.stringContaining('does not answer') as string,
    });
  });
});
