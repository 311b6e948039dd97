// Packs and answers of a git server over HTTP, valid unless what they are made of is not. (Formats: gitformat-pack, gitprotocol-http.)
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

export const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4, ofsDelta: 6, refDelta: 7 };

export interface PackedObject {
  readonly type: number;
  /** Before compression. */
  readonly content: Buffer;
  /** That the header states, where it is not the length of the content. */
  readonly size?: number;
  /** What comes between the header and the content of a delta. */
  readonly base?: Buffer;
  /** Instead of the compressed content. */
  readonly packed?: Buffer;
}

export const idOf = (type: string, content: Buffer): string =>
  createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');

/** @param lies what the header states */
export function packOf(objects: readonly PackedObject[], lies: { count?: number; version?: number } = {}): Buffer {
  const { count = objects.length, version = 2 } = lies;
  const header = Buffer.from('PACK\0\0\0\0\0\0\0\0', 'latin1');
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(count, 8);
  const body = Buffer.concat([header, ...objects.map(packedObject)]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function packedObject({ type, content, size = content.length, base, packed }: PackedObject): Buffer {
  const header = [];
  let rest = Math.floor(size / 16);
  header.push((type << 4) | (size % 16) | (rest > 0 ? 0x80 : 0));
  while (rest > 0) {
    header.push((rest % 0x80) | (rest >= 0x80 ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.concat([Buffer.from(header), base ?? Buffer.alloc(0), packed ?? deflateSync(content)]);
}

/** Seven bits a byte, the lowest first. */
export function varint(value: number): number[] {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | (rest >= 0x80 ? 0x80 : 0));
    if (rest < 0x80) return bytes;
  }
}

/** A delta that repeats the first bytes of its base. */
export function repeatingDelta(baseBytes: number, times: number): Buffer {
  const chunk = Math.min(baseBytes, 0xffff);
  const copy = Buffer.from([0x80 | 0x10 | 0x20, chunk & 0xff, chunk >> 8]);
  return Buffer.concat([
    Buffer.from([...varint(baseBytes), ...varint(chunk * times)]),
    ...Array.from({ length: times }, () => copy),
  ]);
}

export const baseOf = (id: string): Buffer => Buffer.from(id, 'hex');

export const treeOf = (entries: readonly [mode: string, name: string, id: string][]): Buffer =>
  Buffer.concat(entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]));

/** @param tree id */
export const commitOf = (tree: string): Buffer =>
  Buffer.from(`tree ${tree}\nauthor a <a@b> 1700000000 +0000\ncommitter a <a@b> 1700000000 +0000\n\nA commit.\n`);

/** A commit with these files at the top. */
export function repositoryOf(files: Readonly<Record<string, string>>): { head: string; objects: PackedObject[] } {
  const blobs = Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) }));
  const tree = treeOf(blobs.map(({ name, content }) => ['100644', name, idOf('blob', content)]));
  const commit = commitOf(idOf('tree', tree));
  const objects: PackedObject[] = [
    { type: TYPES.commit, content: commit },
    { type: TYPES.tree, content: tree },
    ...blobs.map(({ content }) => ({ type: TYPES.blob, content })),
  ];
  return { head: idOf('commit', commit), objects };
}

export function pkt(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

export const FLUSH = Buffer.from('0000');

export const advertisementOf = (
  head: string,
  capabilities = 'side-band-64k shallow ofs-delta symref=HEAD:refs/heads/main',
) =>
  Buffer.concat([
    pkt('# service=git-upload-pack\n'),
    FLUSH,
    pkt(`${head} HEAD\0${capabilities}\n`),
    pkt(`${head} refs/heads/main\n`),
    FLUSH,
  ]);

export function uploadOf(pack: Buffer, head: string): Buffer {
  const parts = [pkt(`shallow ${head}`), FLUSH, pkt('NAK\n')];
  for (let at = 0; at < pack.length; at += 65_000)
    parts.push(pkt(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 65_000)])));
  return Buffer.concat([...parts, FLUSH]);
}
