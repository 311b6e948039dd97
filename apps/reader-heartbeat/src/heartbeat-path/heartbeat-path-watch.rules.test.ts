import { describe, expect, it } from 'vitest';
import { HeartbeatPathWatch } from './heartbeat-path-watch.rules.js';

describe('HeartbeatPathWatch', () => {
  it('is closed until the first canary returns', () => {
    const path = new HeartbeatPathWatch();
    expect(path.isOpen(0)).toBe(false);
    expect(path.canaryReturned(90, 100)).toBe('opened');
    expect(path.isOpen(2_600)).toBe(true);
  });

  it('closes when no canary returns, and opens again with the next one that is not late', () => {
    const path = new HeartbeatPathWatch();
    path.canaryReturned(0, 10);
    expect(path.canaryReturned(1_000, 1_010)).toBeUndefined();
    expect(path.isOpen(3_511)).toBe(false);
    expect(path.canaryReturned(9_000, 9_010)).toBe('opened');
  });

  it('is closed while canaries return alone, receives then what comes, and opens again after that', () => {
    const path = new HeartbeatPathWatch();
    path.canaryReturned(0, 10);
    for (const at of [1_000, 2_000, 3_000]) path.canaryReturnedAlone(at, at + 10);
    expect(path.isOpen(3_500)).toBe(false);
    expect([path.receivedAt(3_500), path.canaryAge(3_500)]).toEqual([3_500, 490]);
    expect(path.canaryReturned(4_000, 4_010)).toBe('opened');
  });

  it('knows how long ago a canary returned in time', () => {
    const path = new HeartbeatPathWatch();
    expect(path.canaryAge(50)).toBe(Infinity);
    path.canaryReturned(90, 100);
    path.canaryReturned(200, 4_000);
    expect(path.canaryAge(4_100)).toBe(4_000);
  });

  it('notices a gap during which its state was not read', () => {
    const path = new HeartbeatPathWatch();
    path.canaryReturned(0, 10);
    expect(path.canaryReturned(30_000, 30_010)).toBe('opened');
  });

  it('does not open with a canary that waited in the queue too long', () => {
    const path = new HeartbeatPathWatch();
    expect(path.canaryReturned(0, 4_000)).toBeUndefined();
    expect(path.isOpen(4_000)).toBe(false);
  });

  it('dates a heartbeat back that may have waited in a paused process', () => {
    const path = new HeartbeatPathWatch();
    expect(path.receivedAt(5)).toBe(5);
    path.canaryReturned(0, 10);
    expect(path.receivedAt(2_000)).toBe(2_000);
    expect(path.receivedAt(30_000)).toBe(10);
    path.canaryReturned(30_000, 30_010);
    expect(path.receivedAt(30_020)).toBe(30_020);
  });

  it('believes no canary after a stall until what waited with it has had time to arrive', () => {
    const path = new HeartbeatPathWatch();
    path.canaryReturned(0, 10);
    expect(path.canaryReturned(1_000, 2_400)).toBeUndefined();
    expect([2_400, 2_899, 2_900].map((sentAt) => path.isConclusive(sentAt, 2_910))).toEqual([false, false, true]);
  });

  it('believes a canary that waited behind heartbeats in the queue: those before it have come', () => {
    const path = new HeartbeatPathWatch();
    path.canaryReturned(0, 10);
    for (let at = 50; at < 2_400; at += 200) path.arrived(at);
    path.canaryReturned(1_000, 2_400);
    expect(path.isConclusive(1_000, 2_400)).toBe(true);
  });

  it('believes no canary whose way was silent until heartbeats came with it', () => {
    const path = new HeartbeatPathWatch();
    path.canaryReturned(0, 10);
    path.arrived(1_100);
    path.arrived(2_395);
    path.canaryReturned(1_000, 2_400);
    expect(path.isConclusive(1_000, 2_400)).toBe(false);
  });

  it('believes canaries that are late each time: those wait behind heartbeats in one queue', () => {
    const path = new HeartbeatPathWatch();
    for (const [at, took] of [10, 250, 490, 730, 900].entries()) {
      path.canaryReturned(1_000 * at, 1_000 * at + took);
      expect(path.isConclusive(1_000 * at, 1_000 * at + took)).toBe(true);
    }
  });

  it('believes no canary while the path is closed', () => {
    const path = new HeartbeatPathWatch();
    expect(path.isConclusive(0, 0)).toBe(false);
    path.canaryReturned(0, 10);
    expect(path.isConclusive(0, 10)).toBe(true);
    expect(path.isConclusive(0, 2_511)).toBe(false);
  });
});
