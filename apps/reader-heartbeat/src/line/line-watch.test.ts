import { describe, expect, it } from 'vitest';
import { LineWatch } from './line-watch.js';

describe('LineWatch', () => {
  it('is closed until the first canary comes back', () => {
    const line = new LineWatch();
    expect(line.isOpen(0)).toBe(false);
    expect(line.heard(90, 100)).toBe('opened');
    expect(line.isOpen(2_600)).toBe(true);
  });

  it('closes when canaries stay away and opens anew with the next fresh one', () => {
    const line = new LineWatch();
    line.heard(0, 10);
    expect(line.heard(1_000, 1_010)).toBeUndefined();
    expect(line.isOpen(3_511)).toBe(false);
    expect(line.heard(9_000, 9_010)).toBe('opened');
  });

  it('notices a gap that nobody asked about while it lasted', () => {
    const line = new LineWatch();
    line.heard(0, 10);
    expect(line.heard(30_000, 30_010)).toBe('opened');
  });

  it('takes a canary that waited in the queue for no sign of life', () => {
    const line = new LineWatch();
    expect(line.heard(0, 4_000)).toBeUndefined();
    expect(line.isOpen(4_000)).toBe(false);
  });

  it('dates a beat back that may have waited in a process that was paused', () => {
    const line = new LineWatch();
    expect(line.receivedAt(5)).toBe(5);
    line.heard(0, 10);
    expect(line.receivedAt(2_000)).toBe(2_000);
    expect(line.receivedAt(30_000)).toBe(10);
    line.heard(30_000, 30_010);
    expect(line.receivedAt(30_020)).toBe(30_020);
  });
});
