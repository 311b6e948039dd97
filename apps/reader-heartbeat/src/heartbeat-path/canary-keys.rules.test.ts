import { describe, expect, it } from 'vitest';
import { CanaryKeys } from './canary-keys.rules.js';

function numbered(): CanaryKeys {
  let made = 0;
  return new CanaryKeys(() => `key-${(made += 1)}`);
}

describe('CanaryKeys', () => {
  it('probes with random keys until one returns in each partition, and uses those', () => {
    const keys = numbered();
    keys.join(0);
    keys.join(3);
    expect(keys.toSend(4)).toHaveLength(16);
    keys.returned(0, 'key-7');
    keys.returned(0, 'key-8');
    expect(keys.toSend(4)).toEqual(['key-7', ...Array.from({ length: 16 }, (_, at) => `key-${at + 17}`)]);
    keys.returned(3, 'key-20');
    expect(keys.toSend(4)).toEqual(['key-7', 'key-20']);
    expect(keys.toSendThrough(3, 4)).toEqual(['key-20']);
  });

  it('sends one with any key where there is one partition', () => {
    const keys = numbered();
    keys.join(0);
    expect(keys.toSend(1)).toEqual(['key-1']);
    expect(keys.toSendThrough(0, 1)).toEqual(['key-2']);
  });

  it('sends none without a partition, and none through one that it left', () => {
    const keys = numbered();
    expect(keys.toSend(4)).toEqual([]);
    keys.join(1);
    keys.returned(1, 'mine');
    keys.leave(1);
    keys.returned(1, 'mine');
    expect(keys.toSend(4)).toEqual([]);
  });

  it('probes again when a key arrives in another partition', () => {
    const keys = numbered();
    keys.join(0);
    keys.join(1);
    keys.returned(0, 'a');
    keys.returned(1, 'b');
    keys.returned(1, 'a');
    expect(keys.toSend(2)).toEqual(['b', ...Array.from({ length: 8 }, (_, at) => `key-${at + 1}`)]);
  });

  it('probes again when canaries of a key stop returning, and replaces it', () => {
    const keys = numbered();
    keys.join(0);
    keys.returned(0, 'a');
    expect([keys.toSend(2), keys.toSend(2)]).toEqual([['a'], ['a']]);
    expect(keys.toSend(2)).toHaveLength(1 + 8);
    keys.returned(0, 'key-3');
    expect(keys.toSend(2)).toEqual(['key-3']);
  });
});
