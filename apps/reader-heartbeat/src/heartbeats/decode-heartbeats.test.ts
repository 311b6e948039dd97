import { describe, expect, it } from 'vitest';
import { ANY_READER } from '../senders/permission.rules.js';
import { decoded } from '../../test/support/decoded.js';

/** The example of the contract page. */
const message = {
  reader_id: 'llama-70b-0',
  boot_id: '01JD',
  seq: 42,
  state: 'ready',
  consumer_name: 'llama-70b-0',
  consumer_groups: ['primary'],
  model_name: 'llama-3-70b',
  model_type: 'chat',
  device: 'cuda',
  pids: [4121, 4122],
  heartbeat_wait_interval: 10,
  sent_at: 1_795_218_553_000,
};

const unknown = () => undefined;
const decode = (body: unknown) => decoded(body, ANY_READER, unknown);
const refusal = (over: Record<string, unknown>) => decode({ ...message, ...over }).refused[0]?.detail;

describe('decodeHeartbeats', () => {
  it('reads one heartbeat or an array of them', () => {
    const { beats, refused } = decode(message);
    expect(refused).toEqual([]);
    expect(beats).toMatchObject([
      { readerId: 'llama-70b-0', bootId: '01JD', seq: 42, state: 'ready', profile: { pids: [4121, 4122] } },
    ]);
    expect(decode([message, message]).beats).toHaveLength(2);
  });

  it('accepts heartbeats whose optional members are absent or null', () => {
    const { boot_id: _boot, seq: _seq, sent_at: _sent, ...required } = message;
    expect(decode(required).beats).toMatchObject([{ bootId: null, seq: null }]);
    expect(decode({ ...message, boot_id: null, seq: null, sent_at: null }).refused).toEqual([]);
  });

  it('reads the configuration as JSON text with a digest, and of a large one only that it is too large', () => {
    const configOf = (config: unknown) => decode({ ...message, config }).beats[0]?.config;
    expect(configOf({ b: 1, a: ['\u0000'] })).toEqual({ json: '{"b":1,"a":["\\u0000"]}', digest: expect.any(String) });
    expect(configOf({ a: 1 })?.digest).not.toBe(configOf({ a: 2 })?.digest);
    expect(configOf({ a: 'x'.repeat(20_000) })).toEqual({ json: null, digest: 'too large' });
    expect(configOf(null)).toBeNull();
  });

  it('ignores unknown members', () => {
    expect(decode({ ...message, temperature: 0.7 }).refused).toEqual([]);
  });

  it('refuses an invalid heartbeat and keeps the others of its message', () => {
    const { beats, refused } = decode([message, { ...message, pids: 'none' }, 7, null, message]);
    expect(beats).toHaveLength(2);
    expect(refused.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^pids: /),
      expect.stringMatching(/^heartbeat: /),
      expect.stringMatching(/^heartbeat: /),
    ]);
  });

  it.each(Object.keys(message).filter((name) => !['boot_id', 'seq', 'sent_at'].includes(name)))(
    'requires %s',
    (name) => {
      expect(refusal({ [name]: undefined })).toContain(`${name}: `);
    },
  );

  it.each([
    ['reader_id', ''],
    ['reader_id', 'a b'],
    ['reader_id', 'x'.repeat(201)],
    ['state', 'dead'],
    ['consumer_name', 'a\u0000b'],
    ['model_name', '\ud800'],
    ['pids', [2 ** 31]],
    ['pids', [1.5]],
    ['heartbeat_wait_interval', 0],
    ['heartbeat_wait_interval', 2.5],
    ['seq', -1],
    ['sent_at', 'now'],
  ])('refuses %s = %j', (name, value) => {
    expect(refusal({ [name]: value })).toContain(`${name}`);
  });

  it.each(['hf_token', 'apiKey', 'db-password', 'Secret'])('refuses a config with a member named %s', (name) => {
    expect(refusal({ config: { nested: [{ [name]: 'x' }] } })).toBe(
      `config: config.nested.0.${name} looks like a credential`,
    );
  });

  it('accepts a config of ordinary settings', () => {
    expect(refusal({ config: { max_tokens: 4096, tokenizer: 'bpe', device: { index: [0, 1] } } })).toBeUndefined();
  });

  it('refuses the heartbeats of a message that its sender may not publish, and keeps the others', () => {
    const permission = {
      countsFor: 'covering-keys',
      refusal: (readerId: string) => (readerId === 'mine' ? undefined : `${readerId} is not mine`),
    } as const;
    const of = (readerId: string) => ({ ...message, reader_id: readerId, config: { note: 'hunter2' } });
    const items = [of('yours'), of('mine'), { ...of('mine'), pids: 'none' }];
    const { beats, refused } = decoded(items, permission, unknown);
    expect(beats).toMatchObject([{ readerId: 'mine', countsFor: 'covering-keys' }]);
    expect(refused).toMatchObject([
      { reason: 'not-permitted', readerId: 'yours', detail: 'yours is not mine', item: { reader_id: 'yours' } },
      { reason: 'bad-heartbeat', readerId: 'mine' },
    ]);
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  });

  it('names no value of a member in its reasons', () => {
    expect(refusal({ state: 'hunter2', config: { password: 'hunter2' } })).not.toContain('hunter2');
  });

  it('keeps only small members that the schema knows, without the config, in a refused item', () => {
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown;
    const { refused } = decode([
      { ...message, config: { hf_token: 'hunter2' }, api_key: 'hunter2' },
      { ...message, pids: deep },
      deep,
    ]);
    const { pids: _, ...rest } = message;
    expect(refused.map(({ item }) => item)).toEqual([message, rest, null]);
  });

  it('names the reader of a refused heartbeat if its id is valid', () => {
    const { refused } = decode([{ ...message, seq: -1 }, { reader_id: 'a b' }, { reader_id: 7 }, null, 'text', []]);
    expect(refused.map(({ readerId }) => readerId)).toEqual([message.reader_id, ...Array.from({ length: 5 })]);
  });

  it('refuses a message with more than 10,000 heartbeats', () => {
    expect(decode(Array.from({ length: 10_001 }, () => message)).refused).toHaveLength(1);
  });
});
