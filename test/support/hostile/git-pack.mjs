// @ts-check
// Packs and answers of a git server over HTTP, valid unless what they are made of is not. (Formats: gitformat-pack, gitprotocol-http.)
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

export const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4, ofsDelta: 6, refDelta: 7 };

/**
 * @typedef {object} PackedObject
 * @property {number} type
 * @property {Buffer} content before compression
 * @property {number} [size] that the header states, where it is not the length of the content
 * @property {Buffer} [base] what comes between the header and the content of a delta
 * @property {Buffer} [packed] instead of the compressed content
 */

/** @param {string} type @param {Buffer} content @returns {string} */
export const idOf = (type, content) =>
  createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');

/** @param {PackedObject[]} objects @param {{ count?: number, version?: number }} [lies] */
export function packOf(objects, { count = objects.length, version = 2 } = {}) {
  const header = Buffer.from('PACK\0\0\0\0\0\0\0\0', 'latin1');
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(count, 8);
  const body = Buffer.concat([header, ...objects.map(packedObject)]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** @param {PackedObject} object */
export function packedObject({ type, content, size = content.length, base, packed }) {
  const header = [];
  let rest = Math.floor(size / 16);
  header.push((type << 4) | (size % 16) | (rest > 0 ? 0x80 : 0));
  while (rest > 0) {
    header.push((rest % 0x80) | (rest >= 0x80 ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.concat([Buffer.from(header), base ?? Buffer.alloc(0), packed ?? deflateSync(content)]);
}

/** @param {number} value @returns {number[]} seven bits a byte, the lowest first */
export function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | (rest >= 0x80 ? 0x80 : 0));
    if (rest < 0x80) return bytes;
  }
}

/** A delta that repeats the first bytes of its base. @param {number} baseBytes @param {number} times @param {number} [chunk] at most 0xffff */
export function repeatingDelta(baseBytes, times, chunk = Math.min(baseBytes, 0xffff)) {
  const copy = Buffer.from([0x80 | 0x10 | 0x20, chunk & 0xff, chunk >> 8]);
  return Buffer.concat([
    Buffer.from([...varint(baseBytes), ...varint(chunk * times)]),
    ...Array.from({ length: times }, () => copy),
  ]);
}

/** @param {string} id */
export const baseOf = (id) => Buffer.from(id, 'hex');

/** @param {[mode: string, name: string, id: string][]} entries */
export const treeOf = (entries) =>
  Buffer.concat(entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]));

/** @param {string} tree id */
export const commitOf = (tree) =>
  Buffer.from(`tree ${tree}\nauthor a <a@b> 1700000000 +0000\ncommitter a <a@b> 1700000000 +0000\n\nA commit.\n`);

/** A commit with these files at the top. @param {Record<string, string>} files */
export function repositoryOf(files) {
  const blobs = Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) }));
  const tree = treeOf(
    blobs.map(({ name, content }) => /** @type {[string, string, string]} */ (['100644', name, idOf('blob', content)])),
  );
  const commit = commitOf(idOf('tree', tree));
  /** @type {PackedObject[]} */
  const objects = [
    { type: TYPES.commit, content: commit },
    { type: TYPES.tree, content: tree },
    ...blobs.map(({ content }) => ({ type: TYPES.blob, content })),
  ];
  return { head: idOf('commit', commit), objects };
}

/** @param {string | Buffer} content */
export function pkt(content) {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

export const FLUSH = Buffer.from('0000');

/** @param {string} head */
export const advertisementOf = (head, capabilities = 'side-band-64k shallow ofs-delta symref=HEAD:refs/heads/main') =>
  Buffer.concat([
    pkt('# service=git-upload-pack\n'),
    FLUSH,
    pkt(`${head} HEAD\0${capabilities}\n`),
    pkt(`${head} refs/heads/main\n`),
    FLUSH,
  ]);

/** @param {Buffer} pack @param {string} head */
export function uploadOf(pack, head) {
  const parts = [pkt(`shallow ${head}`), FLUSH, pkt('NAK\n')];
  for (let at = 0; at < pack.length; at += 65_000)
    parts.push(pkt(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 65_000)])));
  return Buffer.concat([...parts, FLUSH]);
}
