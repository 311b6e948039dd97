import { defineStream, entries, single, type SideMessageBody } from '@signalbox/contracts/streams';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FollowedStream } from './followed-stream.js';
import { FollowedStreams } from './followed-streams.js';

const message = { type: 'test.ping', schema: z.object({ stream: z.string(), ping: z.int() }) };
const definition = defineStream({
  name: 'test',
  entries: {
    item: entries('item', z.object({ owner: z.string(), n: z.int() })),
    pair: entries('pair', z.int(), (left: string, right: string) => `${left}/${right}`),
    mode: single('mode', z.enum(['on', 'off'])),
  },
  beside: { ping: message },
});
const { item, pair, mode } = definition.entries;

describe('a followed stream', () => {
  let stream: FollowedStream<typeof definition>;
  beforeEach(() => {
    stream = new FollowedStream(definition);
  });
  const put = (key: string, value: Parameters<typeof stream.change>[0][number]['value']) =>
    stream.change([{ key, value }]);

  it('keeps each kind of entry in its own collection', () => {
    stream.reset([
      [item.key('a'), { owner: 'x', n: 1 }],
      [pair.key('l', 'r'), 7],
      [mode.key(), 'on'],
    ]);
    const { collections } = stream;
    expect(collections.item.get('a')).toEqual({ owner: 'x', n: 1 });
    expect(collections.pair.get('l', 'r')).toBe(7);
    expect(collections.mode.get()).toBe('on');
    expect([collections.item.size, collections.pair.size, collections.mode.size]).toEqual([1, 1, 1]);
    expect([...collections.item.entries()]).toEqual([['item/a', { owner: 'x', n: 1 }]]);
  });

  it('has no snapshot until the first one, also when that one is empty', () => {
    expect(stream.hasSnapshot).toBe(false);
    stream.reset([]);
    expect(stream.hasSnapshot).toBe(true);
  });

  it('removes what a delta removes and what a snapshot does not have', () => {
    stream.reset([
      [item.key('a'), { owner: 'x', n: 1 }],
      [item.key('b'), { owner: 'x', n: 2 }],
      [item.key('c'), { owner: 'x', n: 3 }],
    ]);
    put(item.key('a'), null);
    expect([...stream.collections.item.values()].map(({ n }) => n)).toEqual([2, 3]);
    stream.reset([[item.key('c'), { owner: 'x', n: 3 }]]);
    expect([...stream.collections.item.values()].map(({ n }) => n)).toEqual([3]);
  });

  it('removes an entry whose new value its schema refuses, and names its key', () => {
    put(item.key('a'), { owner: 'x', n: 1 });
    expect(put(item.key('a'), { owner: 'x', n: 'one' })).toEqual(['item/a']);
    expect(stream.collections.item.get('a')).toBeUndefined();
    expect(stream.reset([[mode.key(), 'sideways']])).toEqual(['mode']);
  });

  it('skips keys of kinds that are not declared', () => {
    const { revision } = stream;
    expect(put('future/a', 1)).toEqual([]);
    expect(stream.revision).toBe(revision);
  });

  it('keeps an index in step with its collection', () => {
    put(item.key('a'), { owner: 'x', n: 1 });
    const byOwner = stream.collections.item.indexBy(({ owner }) => owner);
    const of = (owner: string) => [...byOwner.get(owner)].map(({ n }) => n);
    expect(of('x')).toEqual([1]);
    put(item.key('b'), { owner: 'x', n: 2 });
    put(item.key('a'), { owner: 'y', n: 1 });
    expect([of('x'), of('y')]).toEqual([[2], [1]]);
    put(item.key('b'), null);
    expect([of('x'), of('y')]).toEqual([[], [1]]);
    expect(byOwner.first('y')).toEqual({ owner: 'y', n: 1 });
    stream.reset([]);
    expect(of('y')).toEqual([]);
  });

  it('has a new revision after each change, and the same one when nothing changed', () => {
    const revisions = [stream.revision];
    const note = () => revisions.push(stream.revision);
    stream.reset([]);
    note();
    put(item.key('a'), { owner: 'x', n: 1 });
    note();
    put(item.key('a'), null);
    note();
    expect(new Set(revisions).size).toBe(4);
    put(item.key('a'), null);
    expect(stream.revision).toBe(revisions.at(-1));
    expect(stream.collections.item.revision).toBe(2);
    expect(stream.collections.pair.revision).toBe(0);
  });

  it('calls its listeners once a delta and once a snapshot, after all of it', () => {
    const sizes: number[] = [];
    const stop = stream.onChange(() => sizes.push(stream.collections.item.size));
    stream.reset([
      [item.key('a'), { owner: 'x', n: 1 }],
      [item.key('b'), { owner: 'x', n: 2 }],
    ]);
    stream.change([
      { key: item.key('a'), value: null },
      { key: item.key('c'), value: { owner: 'x', n: 3 } },
      { key: item.key('b'), value: null },
    ]);
    stop();
    stream.reset([]);
    expect(sizes).toEqual([2, 1]);
  });

  it('reports removed entries, and does not report those that a snapshot has again', () => {
    const removed: number[] = [];
    stream.collections.item.onRemoved(({ n }) => removed.push(n));
    stream.reset([
      [item.key('a'), { owner: 'x', n: 1 }],
      [item.key('b'), { owner: 'x', n: 2 }],
    ]);
    stream.reset([[item.key('b'), { owner: 'x', n: 2 }]]);
    put(item.key('b'), null);
    expect(removed).toEqual([1, 2]);
  });

  it('gives side messages to their receiver', () => {
    const received: SideMessageBody[] = [];
    stream.receive(message, { stream: 'test', ping: 1 });
    stream.onMessage(message, (body) => received.push(body));
    stream.receive(message, { stream: 'test', ping: 2 });
    expect(received).toEqual([{ stream: 'test', ping: 2 }]);
  });
});

describe('the followed streams of a process', () => {
  const calls: string[] = [];
  const listener = {
    joined: ({ name }: FollowedStream) => calls.push(`joined ${name}`),
    left: (name: string) => calls.push(`left ${name}`),
  };
  beforeEach(() => {
    calls.length = 0;
  });

  it('have one content for a stream, however often it is followed', () => {
    const streams = new FollowedStreams();
    const content = streams.follow(definition, { requiredForReadiness: false });
    expect(streams.follow(definition)).toBe(content);
    expect(streams.start(listener)).toEqual([{ content, requiredForReadiness: true }]);
  });

  it('cannot be followed from the start after it, and can be joined and left', () => {
    const streams = new FollowedStreams();
    expect(streams.start(listener)).toEqual([]);
    expect(() => streams.follow(definition)).toThrow('the stream test cannot be followed any more');
    const joined = streams.join(definition);
    expect(streams.follow(definition)).toBe(joined);
    streams.leave('test');
    streams.leave('test');
    expect(calls).toEqual(['joined test', 'left test']);
    expect(streams.join(definition)).not.toBe(joined);
  });

  it('are followed from the start where they are joined before it', () => {
    const streams = new FollowedStreams();
    const content = streams.join(definition);
    expect(streams.start(listener)).toEqual([{ content, requiredForReadiness: false }]);
    expect(calls).toEqual([]);
  });
});
