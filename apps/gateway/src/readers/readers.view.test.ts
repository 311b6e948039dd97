import { readerKey, SETTINGS_KEY, type JsonValue } from '@signalbox/contracts/streams';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReadersView } from './readers.view.js';

const reader = (id: string, state: string, receivedAt: number): [string, JsonValue] => [
  readerKey(id),
  {
    reader_id: id,
    state,
    consumer_name: id,
    consumer_groups: [],
    model_name: 'm',
    model_type: 'chat',
    device: 'cpu',
    pids: [],
    heartbeat_wait_interval: 10,
    received_at: receivedAt,
    since: receivedAt,
    boot_id: null,
  },
];

const settings: [string, JsonValue] = [
  SETTINGS_KEY,
  { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3 },
];

describe('ReadersView', () => {
  let view: ReadersView;
  beforeEach(() => {
    view = new ReadersView();
  });

  const heardAt = (id: string) => [...view.all()].find(({ entry }) => entry.reader_id === id)?.heardAt;
  const beats = (...pairs: [string, number][]) => view.beats({ stream: view.stream, epoch: 1, beats: pairs });

  it('knows nothing until the first snapshot', () => {
    expect(view.hasSnapshot).toBe(false);
    expect(view.settings).toBeUndefined();
    view.reset([settings]);
    expect(view.hasSnapshot).toBe(true);
    expect(view.settings?.heartbeat_check_interval).toBe(1);
    expect(view.count()).toEqual({ loading: 0, live: 0, dead: 0 });
  });

  it('follows the stream and counts by state', () => {
    view.reset([settings, reader('a', 'live', 1_000), reader('b', 'loading', 1_000)]);
    const [key, value] = reader('b', 'dead', 1_000);
    view.changed([
      { key, value },
      { key: readerKey('a'), value: null },
    ]);
    expect(view.count()).toEqual({ loading: 0, live: 0, dead: 1 });
  });

  it('takes later beat times and never an earlier one', () => {
    view.reset([reader('a', 'live', 1_000)]);
    beats(['a', 3_000], ['unknown', 9_000]);
    expect(heardAt('a')).toBe(3_000);
    beats(['a', 2_000]);
    expect(heardAt('a')).toBe(3_000);
    view.reset([reader('a', 'live', 1_000)]);
    expect(heardAt('a')).toBe(3_000);
  });

  it('forgets what a new snapshot does not have', () => {
    view.reset([reader('a', 'live', 1_000), reader('b', 'live', 1_000)]);
    view.reset([reader('b', 'live', 1_000)]);
    expect(view.count().live).toBe(1);
  });

  it('has a new revision after every change, and tells who listens', () => {
    let told = 0;
    const stop = view.onChange(() => (told += 1));
    const revisions = new Set([view.revision]);
    view.reset([reader('a', 'live', 1_000)]);
    revisions.add(view.revision);
    beats(['a', 2_000]);
    revisions.add(view.revision);
    view.changed([{ key: readerKey('a'), value: null }]);
    revisions.add(view.revision);
    stop();
    view.reset([]);
    expect(revisions.size).toBe(4);
    expect(told).toBe(2);
  });
});
