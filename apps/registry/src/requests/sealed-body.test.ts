import { randomBytes } from 'node:crypto';
import { sealFor } from '@signalbox/platform';
import { expect, it } from 'vitest';
import type { Config } from '../config.js';
import { SealedBody } from './sealed-body.js';

const withNewKey = (): SealedBody =>
  new SealedBody({ SIGNALBOX_SECRET_KEYS: [{ id: 'k', key: randomBytes(32) }] } as unknown as Config);
const by = {} as never;

it('opens a body, and refuses one that was sealed for keys which have been replaced', () => {
  const bodies = withNewKey();
  expect(bodies.of({ by, sealed: sealFor(bodies.publicKey, '{"name":"shop"}') })).toEqual({ name: 'shop' });
  const forOthers = sealFor(withNewKey().publicKey, '{"name":"shop"}');
  expect(() => bodies.of({ by, sealed: forOthers })).toThrow(expect.objectContaining({ code: 'unavailable' }));
});
