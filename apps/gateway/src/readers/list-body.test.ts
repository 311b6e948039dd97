import type { ReaderEntry } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { ListBody } from './list-body.js';
import { inferenceStatusBody, readerGroupsBody } from './reader-groups.presenter.js';

const COUNT = 2_500;

class Readers {
  readonly byId = new Map<string, ReaderEntry>();
  looked = 0;
  private listener = (): void => undefined;

  put(id: string, over: Partial<ReaderEntry> = {}): void {
    const usual = { state: 'live', consumer_groups: ['all'], model_name: 'm', model_type: 'chat', device: 'cpu' };
    this.byId.set(id, { ...usual, reader_id: id, backend: null, pids: [1], ...over } as ReaderEntry);
    this.listener();
  }

  entries(): Iterable<ReaderEntry> {
    this.looked += 1;
    return this.byId.values();
  }

  onChange(listener: () => void): () => void {
    this.listener = listener;
    return () => undefined;
  }
}

async function read(body: ListBody): Promise<Record<string, unknown>> {
  return JSON.parse(Buffer.concat([...(await body.now()).pieces()]).toString()) as Record<string, unknown>;
}

describe('a body of all readers', () => {
  it('has each reader of many once', async () => {
    const readers = new Readers();
    for (let index = 0; index < COUNT; index += 1) readers.put(`r${index}`);
    readers.put('"quoted"', { state: 'dead' });
    const status = await read(new ListBody({ readers, ...inferenceStatusBody }));
    expect(Object.keys(status['live_readers'] as object)).toHaveLength(COUNT);
    expect(Object.keys(status['dead_readers'] as object)).toEqual(['"quoted"']);
    const groups = await read(new ListBody({ readers, ...readerGroupsBody }));
    expect(groups['all']).toHaveLength(COUNT);
  });

  it('is an empty one without readers', async () => {
    const readers = new Readers();
    expect(await read(new ListBody({ readers, ...inferenceStatusBody }))).toEqual({
      dead_readers: {},
      live_readers: {},
      ports: [],
    });
    expect(await read(new ListBody({ readers, ...readerGroupsBody }))).toEqual({});
  });

  it('is made once for all requests until a reader changes', async () => {
    const readers = new Readers();
    const body = new ListBody({ readers, ...readerGroupsBody });
    readers.put('a');
    const [first, second] = await Promise.all([body.now(), body.now()]);
    expect([first === second, (await body.now()) === first, readers.looked]).toEqual([true, true, 1]);
    readers.put('b');
    const next = await body.now();
    expect([next.etag === first.etag, readers.looked]).toEqual([false, 2]);
  });

  it('has what changed before the request, also where one was being made', async () => {
    const readers = new Readers();
    for (let index = 0; index < COUNT; index += 1) readers.put(`r${index}`);
    const body = new ListBody({ readers, ...inferenceStatusBody });
    const first = body.now();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    readers.put('r0', { state: 'dead' });
    const later = (await read(body)) as { dead_readers: object };
    expect(Object.keys(later.dead_readers)).toEqual(['r0']);
    await first;
  });

  it('is refused where it would be too large, at once until a reader changes', async () => {
    const readers = new Readers();
    for (let index = 0; index < COUNT; index += 1) readers.put(`r${index}`, { consumer_groups: ['a', 'b'] });
    const body = new ListBody({ readers, ...readerGroupsBody, mostBytes: 200_000 });
    await expect(body.now()).rejects.toMatchObject({ status: 503, code: 'too_many_readers' });
    await expect(body.now()).rejects.toMatchObject({ status: 503 });
    expect(readers.looked).toBe(1);
    readers.byId.clear();
    readers.put('a');
    expect(await read(body)).toHaveProperty('all');
  });
});
