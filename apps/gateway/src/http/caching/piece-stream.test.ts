import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { FakeClock } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BodyVersion } from './body-version.js';
import { ByteBlocks } from './byte-blocks.js';
import { GzipVariants } from './gzip-variants.js';
import { PieceStream } from './piece-stream.js';

const PIECES = 200;
const LENGTH = 20_000;
const whole = Buffer.concat(Array.from({ length: PIECES }, (_, at) => Buffer.alloc(LENGTH, at)));

/** A body whose memory is written over as soon as it is given back. */
class Version implements BodyVersion {
  readonly etag = '"a"';
  readonly length = whole.length;
  readonly blocks = new ByteBlocks();
  recycled = 0;

  *pieces(): Generator<Buffer> {
    for (let at = 0; at < PIECES; at += 1) yield this.blocks.take(LENGTH).fill(at);
  }

  recycle(piece: Buffer): void {
    this.recycled += 1;
    piece.fill(0xff);
    this.blocks.giveBack(piece);
  }
}

describe('PieceStream', () => {
  let version: Version;
  beforeEach(() => {
    version = new Version();
  });

  describe('to a client', () => {
    let server: Server;
    let port: number;
    beforeEach(async () => {
      server = createServer((_request, response) => {
        response.writeHead(200, { 'content-length': version.length });
        const body = new PieceStream(version);
        response.once('close', () => body.destroy());
        body.pipe(response);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ({ port } = server.address() as AddressInfo);
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    const answer = (): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject);
      });

    it('uses its memory again, and sends the same bytes to all, also where one takes them slowly and others leave', async () => {
      const [slow, leaving, ...others] = await Promise.all(Array.from({ length: 5 }, answer));
      leaving!.destroy();
      const bodies = await Promise.all(others.map((each) => buffer(each)));
      await wait(50);
      bodies.push(await buffer(slow!));
      expect(bodies.map((body) => body.equals(whole))).toEqual([true, true, true, true]);
      expect(version.recycled).toBeGreaterThan(2 * PIECES);
    });

    it('sends them to a client that has asked for the next answers before', async () => {
      const socket = connect(port, '127.0.0.1');
      const ask = 'GET / HTTP/1.1\r\nHost: a\r\n';
      socket.write(`${ask}\r\n${ask}\r\n${ask}Connection: close\r\n\r\n`);
      const received = await buffer(socket);
      const bodies: Buffer[] = [];
      const END = '\r\n\r\n';
      for (let at = received.indexOf(END); at >= 0; at = received.indexOf(END, at + whole.length))
        bodies.push(received.subarray(at + END.length, at + END.length + whole.length));
      expect(bodies.map((body) => body.equals(whole))).toEqual([true, true, true]);
      expect(version.recycled).toBeGreaterThan(PIECES);
    });
  });

  it('gives them to be compressed', async () => {
    const packed = await new GzipVariants(new FakeClock()).of(version);
    expect(gunzipSync(Buffer.concat([...packed.pieces()])).equals(whole)).toBe(true);
    expect(version.recycled).toBeGreaterThan(PIECES / 2);
  });

  it('gives none back to a reader of which it does not know what it keeps', async () => {
    expect((await buffer(new PieceStream(version).pipe(new PassThrough()))).equals(whole)).toBe(true);
    expect((await buffer(new PieceStream(version))).equals(whole)).toBe(true);
    expect(version.recycled).toBe(0);
  });
});
