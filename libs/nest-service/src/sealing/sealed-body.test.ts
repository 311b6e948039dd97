import { randomBytes } from 'node:crypto';
import type { SealedRequest } from '@signalbox/contracts/messages';
import { systemClock, type Clock, type VaultKey } from '@signalbox/platform';
import { describe, expect, it } from 'vitest';
import type { AmqpContext } from '../amqp-context.js';
import { sealRequest } from './seal-request.js';
import { SealedBody } from './sealed-body.js';

const NOW = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const key: VaultKey = { id: 'k', key: randomBytes(32) };

const at = (now: number): Clock => ({ ...systemClock, now: () => now });
const bodies = ({ keys = [key], service = 'registry', now = NOW } = {}): SealedBody =>
  new SealedBody({ keys, service, clock: at(now) });
const inMessage = (messageId: string, type: string) => ({ messageId, delivery: { type } }) as AmqpContext;

const REQUEST: SealedRequest & { by: { key_id: string; request_id: string } } = {
  by: { key_id: 'key_1', request_id: 'req_1' },
  account: 'acme',
  mode: 'live',
  id: 'ds_1',
  project: 'shop',
  name: 'pg',
  if_match: [3],
};
const message = inMessage('m1', 'registry.patch-connection');
const seal = (body: unknown = { password: 'p' }, to = bodies()): SealedRequest =>
  sealRequest(REQUEST, body, {
    publicKey: to.publicKey,
    now: NOW,
    type: 'registry.patch-connection',
    messageId: 'm1',
  });
const unavailable = expect.objectContaining({ code: 'unavailable' }) as Error;

describe('a sealed body', () => {
  it('is opened in its own request, as often as that is repeated', () => {
    const sealed = seal();
    expect(bodies().of(sealed, message)).toEqual({ password: 'p' });
    expect(bodies().of(sealed, message)).toEqual({ password: 'p' });
    // Members that a release adds to requests do not matter.
    const later = { ...sealed, by: { ...sealed.by, added: null }, added: 1 };
    expect(bodies().of(later, message)).toEqual({ password: 'p' });
  });

  it.each<[string, Partial<SealedRequest>]>([
    ['account', { account: 'other' }],
    ['mode', { mode: 'test' }],
    ['id', { id: 'ds_2' }],
    ['project', { project: 'other' }],
    ['name', { name: 'other' }],
    ['If-Match', { if_match: [4] }],
    ['key', { by: { ...REQUEST.by, key_id: 'key_2' } }],
    ['request id', { by: { ...REQUEST.by, request_id: 'req_2' } }],
    ['end', { sealed_until: NOW + 6 * MINUTE_MS }],
  ])('is not opened for another %s', (_, change) => {
    expect(() => bodies().of({ ...seal(), ...change }, message)).toThrow(unavailable);
  });

  it('is not opened in another message, of another type, or by another service', () => {
    expect(() => bodies().of(seal(), inMessage('m2', 'registry.patch-connection'))).toThrow(unavailable);
    expect(() => bodies().of(seal(), inMessage('m1', 'registry.create-connection'))).toThrow(unavailable);
    expect(() => bodies({ service: 'datasource-sync' }).of(seal(), message)).toThrow(unavailable);
  });

  it('is not opened after its end, without an end, or with one that is far ahead', () => {
    expect(bodies({ now: NOW + 4 * MINUTE_MS }).of(seal(), message)).toEqual({ password: 'p' });
    expect(() => bodies({ now: NOW + 6 * MINUTE_MS }).of(seal(), message)).toThrow(unavailable);
    expect(() => bodies({ now: NOW - 60 * MINUTE_MS }).of(seal(), message)).toThrow(unavailable);
    const { sealed_until: _, ...endless } = seal();
    expect(() => bodies().of(endless, message)).toThrow(unavailable);
  });

  it('is opened with an earlier key, and refused where that has been replaced', () => {
    const current = { id: 'n', key: randomBytes(32) };
    expect(bodies({ keys: [current, key] }).of(seal(), message)).toEqual({ password: 'p' });
    expect(() => bodies({ keys: [current] }).of(seal(), message)).toThrow(unavailable);
  });

  it('must be a JSON object', () => {
    const refused = expect.objectContaining({ code: 'bad_request' }) as Error;
    for (const body of [[], 'text', null, 1]) expect(() => bodies().of(seal(body), message)).toThrow(refused);
    expect(() => bodies().of(REQUEST, message)).toThrow(refused);
  });
});
