import { expect, it } from 'vitest';
import { HeldBytes } from './held-bytes.js';

it('cuts off the oldest answers when more bytes were replaced since they began than may be held', () => {
  const held = new HeldBytes(100);
  const cut: string[] = [];
  held.replaced(1_000);
  held.hold(() => cut.push('a'));
  held.replaced(60);
  held.hold(() => cut.push('b'));
  const endC = held.hold(() => cut.push('c'));
  held.replaced(40);
  expect(cut).toEqual([]);
  held.replaced(1);
  expect(cut).toEqual(['a']);
  endC();
  held.replaced(60);
  held.replaced(1_000);
  expect(cut).toEqual(['a', 'b']);
});
