import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LinkedAbort } from './linked-abort.js';

describe('LinkedAbort', () => {
  it('aborts with any of the others, also one that was aborted before, and with its reason', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const linked = new LinkedAbort(first.signal, second.signal);
    expect(linked.signal.aborted).toBe(false);
    second.abort('second');
    first.abort('first');
    expect([linked.signal.reason, new LinkedAbort(first.signal).signal.reason]).toEqual(['second', 'first']);
  });

  it('leaves nothing at the others when it has ended, and aborts no more with them', () => {
    const outer = new AbortController();
    const linked = new LinkedAbort(outer.signal, new AbortController().signal);
    expect(getEventListeners(outer.signal, 'abort')).toHaveLength(1);
    linked.end();
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
    outer.abort();
    expect(linked.signal.aborted).toBe(false);
    linked.abort();
    expect(linked.signal.aborted).toBe(true);
  });
});
