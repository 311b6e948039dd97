import { describe, expect, it } from 'vitest';
import { jsonSchemaOf } from '../asyncapi/json-schema.js';
import { streamBeats } from './state-stream.js';

describe('streamBeats', () => {
  const isTaken = (beats: unknown): boolean => streamBeats.safeParse({ stream: 's', epoch: 1, beats }).success;

  it('takes up to 1,000 pairs of an id and a whole number', () => {
    for (const beats of [[], [['a', 1]], Array.from({ length: 1_000 }, (_, at) => [`${at}`, at])])
      expect(isTaken(beats)).toBe(true);
  });

  it.each(
    [
      undefined,
      null,
      'a',
      [null],
      ['a', 1],
      [['a']],
      [['a', 1, 2]],
      [['a', 1.5]],
      [['a', '1']],
      [[1, 1]],
      Array.from({ length: 1_001 }, () => ['a', 1]),
    ].map((beats) => ({ beats })),
  )('does not take %j', ({ beats }) => expect(isTaken(beats)).toBe(false));

  it('is documented as what it takes', () => {
    expect(jsonSchemaOf(streamBeats)).toMatchObject({
      properties: {
        beats: {
          type: 'array',
          maxItems: 1_000,
          items: { items: [{ type: 'string' }, { type: 'integer' }], minItems: 2, maxItems: 2 },
        },
      },
    });
  });
});
