import { inflateSync } from 'node:zlib';

/** A pack unpacks to more than is allowed, or is not a valid pack. */
export class PackRefused extends Error {
  override readonly name = 'PackRefused';
}

const HEADER_BYTES = 12;
const OFS_DELTA = 6;
const REF_DELTA = 7;
const OBJECT_ID_BYTES = 20;

/**
 * Checks how large the objects of a pack are after unpacking, before they are unpacked: a few bytes of a pack can unpack to gigabytes,
 * by compression or as a delta that repeats its base. (Format: gitformat-pack, version 2.)
 * @param maxBytes of all objects together @throws PackRefused
 */
export function checkPack(pack: Buffer, maxBytes: number): void {
  if (pack.length < HEADER_BYTES || pack.toString('latin1', 0, 4) !== 'PACK' || pack.readUInt32BE(4) !== 2)
    throw new PackRefused('what was sent is no pack of version 2');
  let left = maxBytes;
  const take = (bytes: number): void => {
    left -= bytes;
    if (left < 0) throw new PackRefused(`it unpacks to more than ${maxBytes} bytes`);
  };
  let at = HEADER_BYTES;
  for (let objects = pack.readUInt32BE(8); objects > 0; objects -= 1) {
    const header = readObjectHeader(pack, at);
    take(header.size);
    const { bytes, used } = inflate(pack.subarray(header.end), header.size);
    if (header.isDelta) take(resultSizeOf(bytes));
    at = header.end + used;
  }
}

interface ObjectHeader {
  readonly isDelta: boolean;
  /** Bytes after decompression. */
  readonly size: number;
  readonly end: number;
}

/** Type and size, four bits of it in the first byte; then what a delta refers to. */
function readObjectHeader(pack: Buffer, at: number): ObjectHeader {
  const first = byteOf(pack, at);
  const type = (first >> 4) & 0b111;
  const { value, end } = first < 0x80 ? { value: 0, end: at + 1 } : readVarint(pack, at + 1);
  const size = (first & 0b1111) + value * 16;
  if (type === REF_DELTA) return { isDelta: true, size, end: end + OBJECT_ID_BYTES };
  return type === OFS_DELTA ? { isDelta: true, size, end: readVarint(pack, end).end } : { isDelta: false, size, end };
}

/** A delta begins with the sizes of its base and of its result. */
const resultSizeOf = (delta: Buffer): number => readVarint(delta, readVarint(delta, 0).end).value;

/** Seven bits a byte, the lowest first, until one without the highest bit. */
function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start, unit = 1; ; at += 1, unit *= 0x80) {
    const byte = byteOf(bytes, at);
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return { value, end: at + 1 };
  }
}

function byteOf(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new PackRefused('the pack ends early');
  return byte;
}

/** @param size from the header: no more is unpacked */
function inflate(compressed: Buffer, size: number): { bytes: Buffer; used: number } {
  try {
    // With `info` it also returns the engine, which knows how much input was read; the type does not say so.
    const { buffer, engine } = inflateSync(compressed, {
      maxOutputLength: Math.max(size, 1),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.length === size) return { bytes: buffer, used: engine.bytesWritten };
  } catch {
    // Reported by the error below.
  }
  throw new PackRefused('an object of the pack is not what its header says');
}
