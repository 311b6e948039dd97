import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PlainAnswer, StreamedAnswer } from './plain-answer.js';
import { BodyAnswers } from './body-answers.js';
import type { BodyVersion } from './caching/body-version.js';

const PIECE = 100_000;

/** A version of so many pieces, which counts how many of them were made. */
function versionOf(name: string, pieces: number): BodyVersion & { made: number } {
  const version = {
    etag: `"${name}"`,
    length: pieces * PIECE,
    made: 0,
    *pieces() {
      for (let index = 0; index < pieces; index += 1) {
        version.made += 1;
        yield Buffer.alloc(PIECE, `${name}${index}`);
      }
    },
  };
  return version;
}

const contentOf = (version: BodyVersion): Buffer => Buffer.concat([...version.pieces()]);

const bytesOf = async ({ body }: PlainAnswer | StreamedAnswer): Promise<Buffer> => {
  if (body === undefined || typeof body === 'string') return Buffer.from(body ?? '');
  return Buffer.isBuffer(body) ? body : buffer(body);
};

const plain = { ifNoneMatch: undefined, acceptEncoding: undefined };
const gzip = { ifNoneMatch: undefined, acceptEncoding: 'gzip' };

describe('BodyAnswers', () => {
  let clock: FakeClock;
  let answers: BodyAnswers;
  beforeEach(() => {
    clock = new FakeClock();
    answers = new BodyAnswers(clock);
  });

  it('has a small body at hand, made once', () => {
    const version = versionOf('a', 3);
    const [first, second] = [answers.now(version, plain), answers.now(version, plain)];
    expect(first).toMatchObject({ status: 200, headers: { etag: '"a"', vary: 'Origin, Accept-Encoding' } });
    expect(first?.body).toBe(second?.body);
    expect([version.made, contentOf(version).equals(first?.body as Buffer)]).toEqual([3, true]);
  });

  it('answers 304 to a client that has the version, compressed or not, and makes nothing', async () => {
    const version = versionOf('a', 50);
    for (const ifNoneMatch of ['"a"', 'W/"a"']) {
      const answer = await answers.give(version, { ifNoneMatch, acceptEncoding: 'gzip' });
      expect(answer).toEqual({ status: 304, headers: expect.objectContaining({ etag: '"a"' }) });
    }
    expect(version.made).toBe(0);
  });

  it('gives a large body piece by piece, no faster than it is read', async () => {
    const version = versionOf('a', 50);
    expect(answers.now(version, plain)).toBeUndefined();
    const answer = (await answers.give(version, plain)) as StreamedAnswer;
    expect(answer.headers['content-length']).toBe(String(50 * PIECE));
    await new Promise(setImmediate);
    expect(version.made).toBeLessThan(3);
    expect((await bytesOf(answer)).equals(contentOf(versionOf('a', 50)))).toBe(true);
  });

  it('compresses a version once for all who ask, and has it at hand then', async () => {
    const version = versionOf('a', 50);
    const [first, second] = await Promise.all([answers.give(version, gzip), answers.give(version, gzip)]);
    expect(version.made).toBe(50);
    expect(first.headers).toMatchObject({ etag: 'W/"a"', 'content-encoding': 'gzip' });
    expect(first.body).toBe(second.body);
    expect(gunzipSync(await bytesOf(first)).equals(contentOf(version))).toBe(true);
    expect(answers.now(version, gzip)?.body).toBe(first.body);
    expect((await answers.give(version, plain)).headers['content-encoding']).toBeUndefined();
  });

  it('compresses no more than one version a second, and sends those between as they are', async () => {
    const encodingOf = async (name: string) =>
      (await answers.give(versionOf(name, 2), gzip)).headers['content-encoding'];
    expect(await encodingOf('a')).toBe('gzip');
    clock.advance(999);
    expect(await encodingOf('b')).toBeUndefined();
    clock.advance(1);
    expect(await encodingOf('c')).toBe('gzip');
  });

  it('cuts off an answer whose version keeps too much in memory', async () => {
    const version = versionOf('a', 50);
    const slow = (await answers.give(version, plain)) as StreamedAnswer;
    answers.replaced(version, 1_000_000_000);
    await expect(buffer(slow.body)).rejects.toThrow('too slowly');
  });
});
