import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { keylessEnv, managementPortOf } from './keyless.config.js';

describe('the management port', () => {
  const keyless = (PORT: number, given?: number): number =>
    managementPortOf({ PORT, SIGNALBOX_KEYLESS_MANAGEMENT: true, SIGNALBOX_MANAGEMENT_PORT: given });

  it('is the port after that of the API with the keyless routes, unless another one is given', () => {
    expect([keyless(8_080), keyless(8_080, 3_001), keyless(0), keyless(65_535)]).toEqual([8_081, 3_001, 0, 0]);
  });

  it('is 3001 otherwise', () => {
    expect(managementPortOf({ PORT: 8_080, SIGNALBOX_KEYLESS_MANAGEMENT: false })).toBe(3_001);
  });
});

describe('SIGNALBOX_KEYLESS_HOSTS', () => {
  const read = (text?: string) =>
    z.object(keylessEnv).safeParse({ SIGNALBOX_KEYLESS_HOSTS: text }).data?.SIGNALBOX_KEYLESS_HOSTS;

  it('is a list of hosts in lower case, and empty by default', () => {
    expect(read()).toEqual([]);
    expect(read('Readers.example:8081, [::1]:9001,gateway')).toEqual(['readers.example:8081', '[::1]:9001', 'gateway']);
  });

  it.each(['http://readers.example', 'a b', 'readers.example/x', '*'])('refuses %s', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
