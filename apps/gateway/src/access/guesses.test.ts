import { FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { Guesses } from './guesses.js';

describe('Guesses', () => {
  const start = () => {
    const clock = new FakeClock();
    const guesses = new Guesses(clock);
    const admitted = (ip: string, of: number): number => {
      let count = 0;
      for (let i = 0; i < of; i++) {
        try {
          guesses.count(ip);
          count += 1;
        } catch (error) {
          expect(error).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
        }
      }
      return count;
    };
    return { clock, guesses, admitted };
  };

  it('admits ten wrong credentials a second from each address', () => {
    const { clock, admitted } = start();
    expect(admitted('192.0.2.1', 100)).toBe(10);
    expect(admitted('192.0.2.2', 100)).toBe(10);
    clock.advance(500);
    expect(admitted('192.0.2.1', 100)).toBe(5);
    clock.advance(60_000);
    expect(admitted('192.0.2.1', 100)).toBe(10);
  });

  it('is over the limit for an address until a credential from there would be counted again', () => {
    const { clock, guesses, admitted } = start();
    expect(guesses.isOver('192.0.2.1')).toBe(false);
    admitted('192.0.2.1', 10);
    expect(['192.0.2.1', '192.0.2.2'].map((ip) => guesses.isOver(ip))).toEqual([true, false]);
    clock.advance(100);
    expect(guesses.isOver('192.0.2.1')).toBe(false);
  });

  it('does not count what was right', () => {
    const { guesses, admitted } = start();
    for (let i = 0; i < 100; i++) {
      guesses.count('192.0.2.1');
      guesses.takeBack('192.0.2.1');
    }
    expect(admitted('192.0.2.1', 100)).toBe(10);
  });

  it('remembers ten thousand addresses at most, and those of the last seconds only', () => {
    const { clock, guesses, admitted } = start();
    for (let i = 0; i < 20_000; i++) guesses.count(`2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`);
    expect(guesses.addresses).toBe(10_000);
    clock.advance(20_000);
    admitted('192.0.2.1', 1);
    expect(guesses.addresses).toBe(1);
  });
});
